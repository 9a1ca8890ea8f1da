import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.handlers.projects.git.forge import Forge
from tests.handlers.projects.git.repositories import WHEN, git, make, make_empty

from supajobs.handlers.projects.git import (
    FetchLimits,
    RepositoryError,
    RepositoryUnavailableError,
    Source,
    fetch,
)
from supajobs.handlers.projects.git.program import find_git
from supajobs.handlers.projects.tree import TreeFile

COMMIT = b"1234567890" * 4


async def read_all(source: Source, limits: FetchLimits) -> tuple[list[TreeFile], dict[str, bytes]]:
    async with fetch(source, limits=limits) as tree:
        return list(tree.files), {file.path: text async for file, text in tree.read(tree.files)}


async def refuse(source: Source, limits: FetchLimits) -> str:
    with pytest.raises(RepositoryError) as refusal:
        async with fetch(source, limits=limits):
            pass
    return refusal.value.code


async def test_the_files_of_the_newest_commit_are_read(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [(b"PLAN.md", b"- [x] one\n"), (b"src/main.py", b"pass\n")])
    async with fetch(Source(forge.url("a.git")), limits=limits) as tree:
        assert tree.commit == git(forge.root / "a.git", "rev-parse", "main").decode().strip()
        assert tree.branch == "main"
        assert tree.committed_at == datetime.fromtimestamp(WHEN, UTC)
        assert [(file.path, file.size) for file in tree.files] == [
            ("PLAN.md", 10),
            ("src/main.py", 5),
        ]
        backwards = list(tree.files)[::-1]
        assert [each async for each in tree.read(backwards)] == [
            (backwards[0], b"pass\n"),
            (backwards[1], b"- [x] one\n"),
        ]
        assert [each async for each in tree.read([])] == []


async def test_ten_thousand_files_are_read(forge: Forge, limits: FetchLimits) -> None:
    wanted = {f"{number % 100}/{number}": b"%d" % number for number in range(10_000)}
    make(forge.root / "a.git", [(path.encode(), text) for path, text in wanted.items()])
    files, read = await read_all(Source(forge.url("a.git")), limits)
    assert len(files) == 10_000
    assert read == wanted


async def test_several_may_read_at_a_time(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [(b"%d" % each, b"%d" % each) for each in range(100)])
    async with fetch(Source(forge.url("a.git")), limits=limits) as tree:

        async def read(files: Sequence[TreeFile]) -> list[tuple[str, bytes]]:
            return [(file.path, text) async for file, text in tree.read(files)]

        some = await asyncio.gather(*(read(tree.files[each::10]) for each in range(10)))
    assert sorted(each for part in some for each in part) == sorted(
        (str(each), b"%d" % each) for each in range(100)
    )


async def test_a_deep_tree_is_read(forge: Forge, limits: FetchLimits) -> None:
    deep = "/".join(["d"] * 1000)
    make(forge.root / "a.git", [(f"{deep}/f".encode(), b"down here")])
    _, read = await read_all(Source(forge.url("a.git")), limits)
    assert read == {f"{deep}/f": b"down here"}


async def test_a_branch_can_be_named(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [(b"f", b"1")], branch="feature/ä")
    async with fetch(Source(forge.url("a.git"), branch="feature/ä"), limits=limits) as tree:
        assert tree.branch == "feature/ä"
        assert len(tree.files) == 1


async def test_a_renamed_branch_is_missed_and_the_default_one_is_found(
    forge: Forge, limits: FetchLimits
) -> None:
    place = make(forge.root / "a.git", [(b"f", b"1")], branch="master")
    git(place, "branch", "-m", "master", "trunk")
    git(place, "symbolic-ref", "HEAD", "refs/heads/trunk")
    assert await refuse(Source(forge.url("a.git"), branch="master"), limits) == "branch_not_found"
    async with fetch(Source(forge.url("a.git")), limits=limits) as tree:
        assert tree.branch == "trunk"


async def test_a_tag_is_no_branch(forge: Forge, limits: FetchLimits) -> None:
    place = make(forge.root / "a.git", [(b"f", b"1")])
    git(place, "tag", "v1", "main")
    assert await refuse(Source(forge.url("a.git"), branch="v1"), limits) == "branch_not_found"


async def test_an_empty_repository_is_told_apart(forge: Forge, limits: FetchLimits) -> None:
    make_empty(forge.root / "a.git")
    assert await refuse(Source(forge.url("a.git")), limits) == "repository_empty"
    assert await refuse(Source(forge.url("a.git"), branch="x"), limits) == "branch_not_found"


async def test_a_commit_without_files_has_none(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [])
    assert await read_all(Source(forge.url("a.git")), limits) == ([], {})


async def test_a_missing_repository_is_told(forge: Forge, limits: FetchLimits) -> None:
    assert await refuse(Source(forge.url("none.git")), limits) == "repository_not_found"


async def test_names_that_are_not_utf8_come_through(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [(b"caf\xe9\n\t\x01", b"\xff"), ("日本".encode(), b"2")])
    _, read = await read_all(Source(forge.url("a.git")), limits)
    assert read == {"caf\udce9\n\t\x01": b"\xff", "日本": b"2"}


async def test_symlinks_and_submodules_are_no_files_and_pointers_are(
    forge: Forge, limits: FetchLimits
) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 123456\n"
    modules = b'[submodule "s"]\n\tpath = s\n\turl = file:///etc\n'
    make(
        forge.root / "a.git",
        [
            (b".gitattributes", b"*.bin filter=lfs\n"),
            (b".gitmodules", modules),
            (b"big.bin", pointer),
            (b"hostile", b"../../.git/config"),
            (b"link", b"/etc/passwd"),
            (b"run.sh", b"#!/bin/sh\n"),
            (b"s", COMMIT),
        ],
        modes={b"hostile": "120000", b"link": "120000", b"run.sh": "100755", b"s": "160000"},
    )
    _, read = await read_all(Source(forge.url("a.git")), limits)
    assert read == {
        ".gitattributes": b"*.bin filter=lfs\n",
        ".gitmodules": modules,
        "big.bin": pointer,
        "run.sh": b"#!/bin/sh\n",
    }


@pytest.mark.parametrize("heeds_the_filter", [True, False])
async def test_a_large_file_is_listed_and_nobody_is_asked_for_it(
    forge: Forge, limits: FetchLimits, *, heeds_the_filter: bool
) -> None:
    largest = limits.max_file_bytes
    place = make(
        forge.root / "a.git",
        [(b"at_the_limit", b"a" * largest), (b"large", b"b" * (largest + 1)), (b"small", b"c")],
    )
    git(place, "config", "uploadpack.allowFilter", str(heeds_the_filter).lower())
    async with fetch(Source(forge.url("a.git")), limits=limits) as tree:
        requests = len(forge.seen)
        assert {file.path: file.size for file in tree.files} == {
            "at_the_limit": largest,
            "large": None,
            "small": 1,
        }
        # As if its size were known: what git lacks, it would fetch.
        wanted = [TreeFile(file.path, 200_000, file.object_id) for file in tree.files]
        read = [file.path async for file, _ in tree.read(wanted)]
        assert (
            read == ["at_the_limit", "small"]
            if heeds_the_filter
            else ["at_the_limit", "large", "small"]
        )
        assert len(forge.seen) == requests


async def test_objects_may_have_long_names(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [(b"f", b"1")], "--object-format=sha256")
    async with fetch(Source(forge.url("a.git")), limits=limits) as tree:
        assert len(tree.commit) == 64
        assert [text async for _, text in tree.read(tree.files)] == [b"1"]


async def test_a_folder_of_this_machine_is_read_where_that_is_allowed(
    tmp_path: Path, limits: FetchLimits
) -> None:
    make(tmp_path / "a.git", [(b"f", b"1")])
    url = f"file://{tmp_path}/a.git"
    assert (await read_all(Source(url, allow_files=True), limits))[1] == {"f": b"1"}
    assert await refuse(Source(url), limits) == "repository_url_invalid"
    missing = Source(f"file://{tmp_path}/none", allow_files=True)
    assert await refuse(missing, limits) == "repository_not_found"


def test_an_old_git_is_refused_for_it_would_look_the_name_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_anew = find_git.__wrapped__
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryUnavailableError, match="not installed") as missing:
        find_anew()
    assert "cannot read repositories" in missing.value.error.message
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.36.6\n")
    old.chmod(0o700)
    with pytest.raises(RepositoryUnavailableError, match="too old"):
        find_anew()
    old.write_text("#!/bin/sh\necho 'git version 3.0.1 (Apple Git-1)'\n")
    assert find_anew() == str(old)
