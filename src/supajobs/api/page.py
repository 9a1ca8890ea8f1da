"""A web page of the API's own, where the setting `page_dir` has its built files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from supajobs.api.dependencies import PartsDep
from supajobs.setting_sources import JobFamily
from supajobs.settings import Settings

router = APIRouter(include_in_schema=False)

_PACKAGE = Path(__file__).parents[1]
BUILT = (_PACKAGE / "local" / "page", _PACKAGE.parents[1] / "examples" / "web" / "dist")
"""Where scripts/page puts the files of our own pages: in a wheel, and in a checkout."""

_ANEW = {"Cache-Control": "no-cache"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # what is in them names them


class PageConfig(BaseModel):
    """Where the page finds Supabase, and which families of jobs the API beside it has."""

    supabase_url: str
    publishable_key: str
    job_families: tuple[JobFamily, ...]


async def _require_page(parts: PartsDep) -> Path:
    if parts.settings.page_dir is None:
        raise HTTPException(404)
    return parts.settings.page_dir


async def list_folders(parts: PartsDep) -> list[Path]:
    """FastAPI dependency: where the built files of this server's pages are, the user's first."""
    settings = parts.settings
    folders = [settings.page_dir, *(BUILT if settings.dashboard else ())]
    found = [folder for folder in folders if folder and folder.is_dir()]
    if not found:
        raise HTTPException(404)
    return found


Folder = Annotated[Path, Depends(_require_page)]
Folders = Annotated[list[Path], Depends(list_folders)]


@router.get("/")
async def get_page(folder: Folder, request: Request, parts: PartsDep) -> Response:
    """The page itself."""
    return await send_page([folder], "index.html", request, parts.settings)


@router.get("/config.json")
async def get_config(folders: Folders, parts: PartsDep, response: Response) -> PageConfig:
    """What the page has to know before it can ask for anything."""
    del folders
    response.headers.update(_ANEW)
    return PageConfig(
        supabase_url=parts.settings.supabase_origin,
        publishable_key=parts.settings.supabase_publishable_key,
        job_families=parts.settings.job_families,
    )


@router.get("/icon.svg")
async def get_icon(folders: Folders, request: Request) -> Response:
    """Its picture."""
    return await _send(folders, "icon.svg", request, _ANEW)


@router.get("/assets/{name}")
async def get_asset(name: str, folders: Folders, request: Request) -> Response:
    """Its scripts and styles."""
    return await _send(folders, f"assets/{name}", request, _FOR_EVER)


async def send_page(
    folders: Sequence[Path], name: str, request: Request, settings: Settings
) -> Response:
    """A page, which may load and ask no more than its own. 404: it is in none of the folders."""
    headers = {
        **_ANEW,
        "Content-Security-Policy": _write_policy(settings),
        "Referrer-Policy": "no-referrer",
    }
    return await _send(folders, name, request, headers)


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


async def _send(
    folders: Sequence[Path], name: str, request: Request, headers: dict[str, str]
) -> Response:
    answer = await _find(folders, name, request)
    answer.headers.update({**headers, "X-Content-Type-Options": "nosniff"})
    return answer


async def _find(folders: Sequence[Path], name: str, request: Request) -> Response:
    *others, last = folders
    for folder in others:
        try:
            return await StaticFiles(directory=folder).get_response(name, request.scope)
        except HTTPException:
            continue
    return await StaticFiles(directory=last).get_response(name, request.scope)
