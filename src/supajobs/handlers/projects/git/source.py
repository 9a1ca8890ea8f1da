"""What is fetched: addresses and branches as users write them, of which git sees the sound ones."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from supajobs.handlers.projects.git.failures import RepositoryError

MAX_URL = 2000  # characters
MAX_BRANCH = 250  # bytes; a ref is a file, and gets an ending while it is written

HTTPS_PORT = 443
FIRST_FREE_PORT = 1024  # below are the well-known services, of which no other is a forge

_PRINTABLE = re.compile(r"[!-~]+")
# Neither numbers that some read as an address (127.1, 0x7f000001) nor names without a dot.
_HOST = re.compile(
    r"(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)+(?!0x)(?=[a-z0-9-]*[a-z])[a-z0-9-]{2,63}(?<!-)"
)
_LOCAL = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa", ".onion")
_ESCAPED_CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
# As git's check-ref-format has it; what begins with - would be an option.
_BRANCH = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]++")
_NOT_IN_BRANCHES = ("//", "..", "@{", "/.")


@dataclass(frozen=True)
class Source:
    """A repository, and which of its branches; None: the one that it shows by itself.

    `allow_files` is for tests and for trying things on one's own machine: it lets whoever names an
    address read what this process can read.
    """

    url: str
    branch: str | None = None
    token: SecretStr | None = None
    allow_files: bool = False


@dataclass(frozen=True)
class Address:
    """A sound address; without a host it is a path of this machine."""

    url: str
    host: str | None
    port: int = HTTPS_PORT


def check_url(url: str, *, allow_files: bool) -> Address:
    """The address in one way of writing it. Where its name leads is not looked at.

    Raises:
        RepositoryError: nothing is fetched from an address like this.
    """
    if len(url) > MAX_URL or not _PRINTABLE.fullmatch(url) or set(url) & set("\\\"'<>`{}|^"):
        raise _refuse("It holds what no address does.")
    if _ESCAPED_CONTROL.search(url):
        raise _refuse("It holds a control character.")
    if allow_files and url.startswith("file:///"):
        return Address(url, None)
    scheme, colon, _ = url.partition("://")
    if not colon or scheme.lower() != "https":
        raise _refuse("Give the one that begins with https://.")
    if "?" in url or "#" in url:
        raise _refuse("Leave out what follows ? or #.")
    try:
        parts = urlsplit(url)
        port = HTTPS_PORT if parts.port is None else parts.port
    except ValueError:
        raise _refuse("Its host or port is none.") from None
    if "@" in parts.netloc:
        raise _refuse("It holds a user's name or a token: give the token by itself.")
    names = parts.path.lower().replace("%2e", ".").split("/")
    if not any(names) or {".", ".."} & set(names):
        raise _refuse("It names no repository.")
    place = _check_place((parts.hostname or "").lower(), port)
    return Address(f"https://{place}{parts.path}", parts.hostname, port)


def _check_place(host: str, port: int) -> str:
    if not _HOST.fullmatch(host) or host.endswith(_LOCAL):
        raise _refuse("Its host is no name of the public internet.")
    if port != HTTPS_PORT and not FIRST_FREE_PORT <= port < 2**16:
        raise _refuse("Its port is that of another service.")
    return host if port == HTTPS_PORT else f"{host}:{port}"


def check_branch(branch: str) -> str:
    """The name of a branch.

    Raises:
        RepositoryError: no branch can have this name.
    """
    try:
        is_short = len(branch.encode()) <= MAX_BRANCH
    except UnicodeEncodeError:
        is_short = False
    is_odd = (
        branch.startswith(("-", "/", "."))
        or branch.endswith(("/", ".", ".lock"))
        or any(each in branch for each in _NOT_IN_BRANCHES)
    )
    if not is_short or is_odd or not _BRANCH.fullmatch(branch):
        raise RepositoryError("No branch can have this name.", code="branch_name_invalid")
    return branch


def _refuse(why: str) -> RepositoryError:
    return RepositoryError(
        f"This is no address of a repository. {why}", code="repository_url_invalid"
    )
