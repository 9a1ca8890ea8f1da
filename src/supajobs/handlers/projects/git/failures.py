"""How a fetch can fail, in words of ours: git's own may repeat what a server or a user has sent."""

import re

from supajobs.outcomes import PermanentError, UnavailableError

UNAVAILABLE = (
    "The server of the repository does not answer, or its name leads nowhere: check the address."
)


class RepositoryError(PermanentError):
    """The repository cannot be read, and trying again would be no use."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, code=code)
        self.message, self.code = message, code


class RepositoryUnavailableError(UnavailableError):
    """The way to the repository is in trouble, or its server; later it may not be."""

    def __init__(self, reason: str, *, message: str = UNAVAILABLE) -> None:
        """`reason`: for whoever reads the log; `message`: for the user."""
        super().__init__(message=message, code="repository_unavailable")
        self.add_note(reason)


TOO_LARGE = "repository_too_large"
TOO_SLOW = "repository_too_slow"
TOO_MANY_FILES = "repository_too_many_files"
NOT_FOUND = "repository_not_found"
BRANCH_NOT_FOUND = "branch_not_found"
EMPTY = "repository_empty"
MOVED = "repository_moved"
DAMAGED = "repository_damaged"
NO_REPOSITORY = "no_repository"
CERTIFICATE = "certificate_invalid"
ADDRESS_REFUSED = "repository_address_refused"

_MESSAGES = {
    TOO_LARGE: "The repository is too large to be read.",
    TOO_SLOW: "Fetching the repository took too long.",
    TOO_MANY_FILES: "The repository has too many files to be read.",
    NOT_FOUND: (
        "There is no such repository, or it is private: check the address, and give a token that "
        "may read it."
    ),
    BRANCH_NOT_FOUND: "The repository has no branch of this name.",
    # A page of the web looks like an empty repository, too, to a git that knows old servers.
    EMPTY: (
        "The repository is empty, or its default branch is, or this is no repository's address: "
        "push a commit, name a branch, or give the address that git clone takes."
    ),
    MOVED: "The repository has moved: give its present address.",
    DAMAGED: "The repository is damaged: what its server sent is not as git has it.",
    NO_REPOSITORY: "At this address is no git repository.",
    CERTIFICATE: "The certificate of the repository's server is not valid for its name.",
    ADDRESS_REFUSED: "The repository's host is not on the public internet.",
}

_UNAVAILABLE = "unavailable"

# The first that is found in what git said decides. SIGXFSZ and SIGXCPU are 25 and 24.
_KINDS = [
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"file too large|signal 25\b|file size limit exceeded", TOO_LARGE),
        (r"out of memory|cannot allocate memory|malloc failed|mmap failed", TOO_LARGE),
        (r"signal 24\b|cpu time limit exceeded", TOO_SLOW),
        (r"remote branch .* not found", BRANCH_NOT_FOUND),
        (r"returned error: 3\d\d|redirect", MOVED),
        (r"certificate|SSL: no alternative", CERTIFICATE),
        (r"could not read (?:username|password)|authentication failed", NOT_FOUND),
        (r"returned error: 40[134]|returned error: 410|repository .* not found", NOT_FOUND),
        (r"does not (?:exist|appear to be a git repository)|not a git repository", NOT_FOUND),
        (r"returned error: (?:408|425|429|5\d\d)", _UNAVAILABLE),
        (
            r"failed to connect|could(?:n't| not) (?:resolve|connect)|timed out|timeout",
            _UNAVAILABLE,
        ),
        (r"connection (?:refused|reset|closed)|gnutls|ssl_|tls", _UNAVAILABLE),
        (
            r"dumb http|valid: is this a git repository|invalid content-type|returned error",
            NO_REPOSITORY,
        ),
        (
            r"expected (?:flush|packfile|'|ack)|protocol error|server (?:is speaking|doesn't)",
            NO_REPOSITORY,
        ),
        (r"bad line length|unable to parse|unexpected line|unknown object format", NO_REPOSITORY),
        (r"pack (?:has|signature|version|is corrupted)|inflate|bad object|missing blob", DAMAGED),
        (r"did not send all|sha1 mismatch|hash mismatch|corrupt|unresolved deltas?", DAMAGED),
        (r"loose object|bad tree|too-short tree|malformed|empty filename in tree", DAMAGED),
        (r"early eof|rpc failed|hung up|unexpected disconnect", _UNAVAILABLE),
        (r"invalid index-pack output|index-pack (?:died|failed)", DAMAGED),
    )
]


def fail(code: str) -> RepositoryError:
    """The error of this kind."""
    return RepositoryError(_MESSAGES[code], code=code)


def explain(said: str) -> RepositoryError | RepositoryUnavailableError:
    """What it means that git ended with these words."""
    for pattern, kind in _KINDS:
        if pattern.search(said):
            return RepositoryUnavailableError(kind) if kind == _UNAVAILABLE else fail(kind)
    return RepositoryUnavailableError("git failed for a reason that is in the log")
