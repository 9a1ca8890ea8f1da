"""Repositories made by git itself, by `git fast-import` where they are large or hostile."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

WHEN = 1_700_000_000

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def git(place: Path, *arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(  # noqa: S603
        ["git", "-C", str(place), *arguments],  # noqa: S607
        input=given,
        env=_ENVIRONMENT,
        check=True,
        capture_output=True,
    ).stdout


def make_empty(place: Path, *options: str) -> Path:
    place.mkdir(parents=True)
    git(place, "init", "--quiet", "--bare", "--initial-branch=main", *options, ".")
    git(place, "config", "uploadpack.allowFilter", "true")
    git(place, "config", "http.receivepack", "false")
    return place


def make(
    place: Path,
    files: Iterable[tuple[bytes, bytes]],
    *options: str,
    branch: str = "main",
    modes: dict[bytes, str] | None = None,
) -> Path:
    """A repository with one commit of these paths and contents."""
    make_empty(place, *options)
    git(place, "fast-import", "--quiet", "--done", given=_write_stream(files, branch, modes or {}))
    return place


def _write_stream(
    files: Iterable[tuple[bytes, bytes]], branch: str, modes: dict[bytes, str]
) -> bytes:
    stream = bytearray(
        f"feature done\ncommit refs/heads/{branch}\n"
        f"committer Somebody <somebody@example.com> {WHEN} +0000\ndata 0\n".encode()
    )
    for path, content in files:
        quoted = b'"' + b"".join(b"\\%03o" % each for each in path) + b'"'
        mode = modes.get(path, "100644").encode()
        if mode == b"160000":
            stream += b"M 160000 %b %b\n" % (content, quoted)
        else:
            stream += b"M %b inline %b\ndata %d\n%b\n" % (mode, quoted, len(content), content)
    return bytes(stream + b"done\n")


def add_commit(
    place: Path, tree: bytes, *, branch: str = "main", when: str = f"{WHEN} +0000"
) -> str:
    """A commit of raw tree entries, whatever they say."""
    tree_id = write_object(place, "tree", tree)
    who = f"A <a@example.com> {when}"
    commit = f"tree {tree_id}\nauthor {who}\ncommitter {who}\n\nx\n"
    commit_id = write_object(place, "commit", commit.encode())
    (place / "refs" / "heads" / branch).write_text(f"{commit_id}\n")
    return commit_id


def write_object(place: Path, kind: str, content: bytes) -> str:
    given = ("hash-object", "-t", kind, "-w", "--stdin", "--literally")
    return git(place, *given, given=content).decode().strip()


def entry(mode: str, name: bytes, object_id: str) -> bytes:
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(object_id)
