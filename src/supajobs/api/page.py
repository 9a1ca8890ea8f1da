"""A web page of the API's own, where the setting `page_dir` has its built files."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from supajobs.api.dependencies import PartsDep
from supajobs.settings import Settings

router = APIRouter(include_in_schema=False)

_ANEW = {"Cache-Control": "no-cache"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # what is in them names them


class PageConfig(BaseModel):
    """Where the page finds Supabase; the API is where the page is."""

    supabase_url: str
    publishable_key: str


def _require_page(parts: PartsDep) -> Path:
    if parts.settings.page_dir is None:
        raise HTTPException(404)
    return parts.settings.page_dir


Folder = Annotated[Path, Depends(_require_page)]


@router.get("/")
async def get_page(folder: Folder, request: Request, parts: PartsDep) -> Response:
    """The page itself."""
    headers = {
        **_ANEW,
        "Content-Security-Policy": _write_policy(parts.settings),
        "Referrer-Policy": "no-referrer",
    }
    return await _send(folder, "index.html", request, headers)


@router.get("/config.json")
async def get_config(folder: Folder, parts: PartsDep, response: Response) -> PageConfig:
    """What the page has to know before it can ask for anything."""
    del folder
    response.headers.update(_ANEW)
    return PageConfig(
        supabase_url=parts.settings.supabase_origin,
        publishable_key=parts.settings.supabase_publishable_key,
    )


@router.get("/icon.svg")
async def get_icon(folder: Folder, request: Request) -> Response:
    """Its picture."""
    return await _send(folder, "icon.svg", request, _ANEW)


@router.get("/assets/{name}")
async def get_asset(name: str, folder: Folder, request: Request) -> Response:
    """Its scripts and styles."""
    return await _send(folder, f"assets/{name}", request, _FOR_EVER)


def _write_policy(settings: Settings) -> str:
    """What the page may load: its own files; and whom it may talk to."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {settings.supabase_origin}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


async def _send(folder: Path, name: str, request: Request, headers: dict[str, str]) -> Response:
    answer = await StaticFiles(directory=folder).get_response(name, request.scope)
    answer.headers.update({**headers, "X-Content-Type-Options": "nosniff"})
    return answer
