"""The fetch of a repository: its present commit alone, into a folder that goes with it."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncGenerator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from supajobs.addresses import NotPublicError, look_up
from supajobs.causes import hide, list_hidden
from supajobs.handlers.projects.git.bare_tree import BareTree
from supajobs.handlers.projects.git.failures import (
    ADDRESS_REFUSED,
    TOO_LARGE,
    RepositoryUnavailableError,
    explain,
    fail,
)
from supajobs.handlers.projects.git.folders import delete_folder, make_folder, measure
from supajobs.handlers.projects.git.program import FetchLimits, Git, GitError, find_git
from supajobs.handlers.projects.git.source import Address, Source, check_branch, check_url
from supajobs.handlers.projects.tree import Tree
from supajobs.loggers import get_logger

logger = get_logger(__name__)

# GitHub, GitLab and Gitea take any name with a token; Bitbucket wants this one.
TOKEN_USER = "x-token-auth"  # noqa: S105 - a name


@contextlib.asynccontextmanager
async def fetch(source: Source, *, limits: FetchLimits) -> AsyncGenerator[Tree]:
    """The newest commit of a branch, to be looked at inside; after it nothing is left.

    Raises:
        RepositoryError: it cannot be read, and will not.
        RepositoryUnavailableError: it cannot be read now.
    """
    address = check_url(source.url, allow_files=source.allow_files)
    if source.branch is not None:
        check_branch(source.branch)
    program = await asyncio.to_thread(find_git)
    folder, held = make_folder()  # in no thread: cancelled, that would leave it
    try:
        git = Git(program, folder, limits)
        try:
            yield await _clone(git, folder, source, address, limits)
        except GitError as error:
            _log(error, source)
            raise explain(error.said) from None
    finally:
        await asyncio.to_thread(delete_folder, folder, held)


async def _clone(
    git: Git, folder: Path, source: Source, address: Address, limits: FetchLimits
) -> Tree:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limits.seconds
    config = {}
    if address.host is not None:
        config = _pin(address, await _resolve(address.host)) | _authorize(address, source)
    place = folder / "repository"
    await git.run(
        *("clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags", "--template="),
        # The limit is the first size that is left out.
        f"--filter=blob:limit={limits.max_file_bytes + 1}",
        *([f"--branch={source.branch}"] if source.branch is not None else []),
        *("--", address.url, str(place)),
        seconds=deadline - loop.time(),
        max_output=4096,
        config=config,
        protocols="file" if address.host is None else "https",
    )
    await asyncio.to_thread(_forget_the_server, place)
    if await asyncio.to_thread(measure, folder) > limits.max_bytes:
        raise fail(TOO_LARGE)
    return await BareTree.open(
        git, place, limits, branch=source.branch, seconds=max(0, deadline - loop.time())
    )


async def _resolve(host: str) -> list[IPv4Address | IPv6Address]:
    try:
        return await look_up(host)
    except NotPublicError:
        raise fail(ADDRESS_REFUSED) from None
    except OSError:
        raise RepositoryUnavailableError("its host's name leads nowhere") from None


def _pin(address: Address, found: list[IPv4Address | IPv6Address]) -> dict[str, str]:
    """Has git connect to what was looked at: it asks nobody for the host again."""
    places = ",".join(f"[{each}]" if each.version == 6 else str(each) for each in found)  # noqa: PLR2004
    return {"http.curloptResolve": f"{address.host}:{address.port}:{places}"}


def _authorize(address: Address, source: Source) -> dict[str, str]:
    if source.token is None:
        return {}
    place = f"https://{address.host}:{address.port}/"
    return {f"http.{place}.extraHeader": f"Authorization: Basic {_encode(source)}"}


def _encode(source: Source) -> str:
    token = source.token.get_secret_value() if source.token else ""
    return base64.b64encode(f"{TOKEN_USER}:{token}".encode()).decode()


def _forget_the_server(place: Path) -> None:
    """Leaves git nobody to ask for what was left out: on sight of it, it would."""
    config = place / "config"
    is_sha256 = "objectformat = sha256" in config.read_text(errors="replace").lower()
    extensions = "[extensions]\n\tobjectFormat = sha256\n" if is_sha256 else ""
    config.write_text(
        f"[core]\n\trepositoryFormatVersion = {int(is_sha256)}\n\tbare = true\n{extensions}"
    )


def _log(error: GitError, source: Source) -> None:
    hidden = list_hidden([source.token.get_secret_value(), _encode(source)] if source.token else [])
    logger.warning("git_failed", url=hide(source.url, hidden), said=hide(error.said, hidden))
