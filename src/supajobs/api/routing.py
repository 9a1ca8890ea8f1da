"""All routes, as an app of its own and as a router for an app of somebody else's."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from supajobs.api import (
    events,
    flows,
    health,
    job_signals,
    job_status,
    jobs,
    metrics,
    page,
    plans,
    project_webhooks,
    projects,
    push_tokens,
    queue,
    schedules,
    tools,
)
from supajobs.api.access import REQUEST_SPANS, AccessMiddleware
from supajobs.api.bodies import BodyLimitMiddleware
from supajobs.api.dashboard import routes as dashboard
from supajobs.api.dependencies import FIND_PARTS, Parts
from supajobs.api.head_requests import HeadMiddleware
from supajobs.api.heads import HeadLimitMiddleware
from supajobs.api.problems import ERROR_HANDLERS, CrashMiddleware
from supajobs.api.schema import DescribedAPI
from supajobs.api.trace import TraceMiddleware
from supajobs.handlers.projects import PROJECT_REFRESH
from supajobs.handlers.training_plan import TRAINING_PLAN
from supajobs.job_types import JobTypes
from supajobs.settings import ANY_PORT, Settings
from supajobs.telemetry.metrics import Metrics

BROWSERS_SEND = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "Prefer",
    "traceparent",
    "X-Provider-Key",
    "X-Request-Id",
)
BROWSERS_READ = (
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "traceparent",
    "X-Request-Id",
)

# Before jobs, whose {job_id} would be "queue-status", too.
RESOURCES = (
    flows,
    job_status,
    jobs,
    job_signals,
    events,
    schedules,
    push_tokens,
    tools,
    queue,
    health,
)


class PartsMiddleware:
    """Lets the routes of each request find the parts that they work with."""

    def __init__(self, app: ASGIApp, find: Callable[[], Parts]) -> None:
        self._app = app
        self._find = find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        scope[FIND_PARTS] = self._find
        await self._app(scope, receive, send)


class LateMiddlewares:
    """Middlewares around an app, made with its first request: settings may be missing before."""

    def __init__(self, app: ASGIApp, list_middlewares: Callable[[], list[Middleware]]) -> None:
        self._app = app
        self._list_middlewares = list_middlewares

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        # The lifespan itself says what is missing; servers take what is raised here for a sign
        # that there is no lifespan.
        app = self._app if scope["type"] == "lifespan" else self._wrapped
        await app(scope, receive, send)

    @cached_property
    def _wrapped(self) -> ASGIApp:
        app = self._app
        for middleware, arguments, options in reversed(self._list_middlewares()):
            app = middleware(app, *arguments, **options)
        return app


class JobsRouter(APIRouter):
    """For `include_router`: with its routes come answers to errors, ids, limits and metrics.

    An app's middlewares would be those of all its routes; these are of the router's own alone.
    """

    def __init__(self, list_middlewares: Callable[[], list[Middleware]]) -> None:
        # Its description refers to parts that only the whole app's has.
        super().__init__(include_in_schema=False)
        handle = ExceptionMiddleware(super().handle, handlers=ERROR_HANDLERS)
        self._handle = LateMiddlewares(handle, list_middlewares)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request to one of the routes, wherever they are included."""
        await self._handle(scope, receive, send)


def create_router(
    read_settings: Callable[[], Settings],
    job_types: JobTypes,
    process_metrics: Metrics,
    find: Callable[[], Parts],
) -> APIRouter:
    """The routes for another app, which decides itself which origins browsers may call it from."""
    router = JobsRouter(lambda: _list_middlewares(read_settings(), process_metrics, find))
    _add_routes(router, job_types)
    return router


def create_api(
    read_settings: Callable[[], Settings],
    job_types: JobTypes,
    process_metrics: Metrics,
    find: Callable[[], Parts],
    lifespan: Lifespan[FastAPI],
) -> FastAPI:
    """The same as an app."""

    def list_middlewares() -> list[Middleware]:
        settings = read_settings()
        return _list_middlewares(settings, process_metrics, find, *_allow(settings.cors_origins))

    api = DescribedAPI(
        lifespan=lifespan,
        telemetry=REQUEST_SPANS,
        middleware=[Middleware(LateMiddlewares, list_middlewares=list_middlewares)],
        exception_handlers=ERROR_HANDLERS,
    )
    _add_routes(api.router, job_types)
    api.include_router(page.router)
    api.include_router(dashboard.router)
    return api


def _allow(origins: Sequence[str]) -> list[Middleware]:
    """What lets browsers call the API from these origins, if there are any."""
    cors = Middleware(
        CORSMiddleware,
        allow_origins=[each for each in origins if not each.endswith(ANY_PORT)],
        allow_origin_regex=_match_any_port(origins),
        allow_methods=("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"),
        allow_headers=BROWSERS_SEND,
        expose_headers=BROWSERS_READ,
    )
    return [cors] if origins else []


def _match_any_port(origins: Iterable[str]) -> str | None:
    """A pattern for the origins that may have any port."""
    hosts = [each.removesuffix(ANY_PORT) for each in origins if each.endswith(ANY_PORT)]
    return rf"({'|'.join(map(re.escape, hosts))})(:\d+)?" if hosts else None


def _add_routes(router: APIRouter, job_types: JobTypes) -> None:
    router.include_router(health.router, include_in_schema=False)
    router.include_router(metrics.router)
    v1 = APIRouter()
    for resource in RESOURCES:
        v1.include_router(resource.router)
    if TRAINING_PLAN in job_types:
        v1.include_router(plans.router)
    if PROJECT_REFRESH in job_types:
        v1.include_router(projects.router)
        v1.include_router(project_webhooks.router)
    router.include_router(v1, prefix="/v1")
    router.include_router(v1, prefix="/api/v1", include_in_schema=False)


def _list_middlewares(
    settings: Settings, process_metrics: Metrics, find: Callable[[], Parts], *between: Middleware
) -> list[Middleware]:
    """From the outside in. What an outer one adds, the refusals of the inner ones have too."""
    return [
        Middleware(PartsMiddleware, find=find),
        Middleware(TraceMiddleware),
        Middleware(AccessMiddleware, metrics=process_metrics),
        *between,
        Middleware(HeadMiddleware),
        Middleware(HeadLimitMiddleware),
        Middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes),
        Middleware(CrashMiddleware),
    ]
