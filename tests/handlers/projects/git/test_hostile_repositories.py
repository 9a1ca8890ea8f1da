import asyncio
import contextlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from tests.handlers.projects.git.forge import Forge
from tests.handlers.projects.git.repositories import (
    add_commit,
    entry,
    git,
    make,
    make_empty,
    write_object,
)

from supajobs.handlers.projects.git import FetchLimits, RepositoryError, Source, fetch, program


@pytest.fixture
def place(forge: Forge) -> Path:
    return forge.root / "a.git"


@pytest.fixture
def source(forge: Forge) -> Source:
    return Source(forge.url("a.git"))


async def refuse(source: Source, limits: FetchLimits) -> str:
    with pytest.raises(RepositoryError) as refusal:
        async with fetch(source, limits=limits):
            pass
    return refusal.value.code


def refuse_the_filter(place: Path) -> None:
    git(place, "config", "uploadpack.allowFilter", "false")


async def test_a_huge_blob_is_not_fetched(place: Path, source: Source, limits: FetchLimits) -> None:
    small = replace(limits, max_bytes=2**20)
    noise = os.urandom(3 * 2**20)
    make(place, [(b"huge", noise), (b"small", b"1")])
    async with fetch(source, limits=small) as tree:
        assert [file.size for file in tree.files] == [None, 1]
    refuse_the_filter(place)
    assert await refuse(source, small) == "repository_too_large"


async def test_a_blob_that_inflates_takes_no_memory(
    place: Path, source: Source, limits: FetchLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "MAX_MEMORY", 100 * 2**20)
    make(place, [(b"bomb", bytes(150 * 2**20)), (b"small", b"1")])
    refuse_the_filter(place)
    async with fetch(source, limits=limits) as tree:
        assert [file.size for file in tree.files] == [None, 1]
        assert [text async for _, text in tree.read(tree.files)] == [b"1"]


async def test_a_tree_that_inflates_is_given_up(
    place: Path, source: Source, limits: FetchLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_empty(place)
    blob = write_object(place, "blob", b"1")
    line = entry("100644", b"%07d" + b"n" * 200, blob)
    add_commit(
        place, b"".join(line.replace(b"%07d", b"%07d" % number) for number in range(400_000))
    )
    monkeypatch.setattr(program, "MAX_MEMORY", 96 * 2**20)
    assert await refuse(source, limits) == "repository_too_large"


async def test_too_many_files_are_refused(place: Path, source: Source, limits: FetchLimits) -> None:
    make(place, [(b"%d/%d" % (each % 50, each), b"%d" % each) for each in range(1001)])
    assert await refuse(source, replace(limits, max_files=1000)) == "repository_too_many_files"
    async with fetch(source, limits=replace(limits, max_files=1001)) as tree:
        assert len(tree.files) == 1001


async def test_a_few_trees_that_stand_for_many_files_are_refused(
    place: Path, source: Source, limits: FetchLimits
) -> None:
    make_empty(place)
    tree = entry("100644", b"f", write_object(place, "blob", b"1"))
    for _ in range(10):
        tree_id = write_object(place, "tree", tree)
        tree = b"".join(entry("40000", b"%d" % each, tree_id) for each in range(10))
    add_commit(place, tree)
    assert await refuse(source, limits) == "repository_too_many_files"


async def test_a_few_trees_without_files_are_given_up(
    place: Path, source: Source, limits: FetchLimits
) -> None:
    make_empty(place)
    tree = b""
    for _ in range(40):
        tree_id = write_object(place, "tree", tree)
        tree = entry("40000", b"a", tree_id) + entry("40000", b"b", tree_id)
    add_commit(place, tree)
    assert await refuse(source, replace(limits, seconds=2)) == "repository_too_slow"


async def test_paths_without_end_are_refused(
    place: Path, source: Source, limits: FetchLimits
) -> None:
    make_empty(place)
    tree = entry("100644", b"f", write_object(place, "blob", b"1"))
    for _ in range(5):
        tree = entry("40000", b"d" * 4000, write_object(place, "tree", tree))
    add_commit(place, tree)
    assert await refuse(source, replace(limits, max_files=10)) == "repository_too_many_files"


@pytest.mark.parametrize("name", [b".git", b".GIT", b"..", b".", b"a/b", b"a/../../b"])
async def test_names_that_no_file_has_are_left_out(
    place: Path, source: Source, limits: FetchLimits, name: bytes
) -> None:
    make_empty(place)
    blob = write_object(place, "blob", b"[core]\n\tsshCommand = touch /tmp/x\n")
    inner = write_object(place, "tree", entry("100644", b"config", blob))
    entries = [entry("40000", name, inner), entry("100644", b"z", blob)]
    add_commit(place, b"".join(entries))
    async with fetch(source, limits=limits) as tree:
        paths = [file.path for file in tree.files]
    assert "z" in paths
    assert not any({"", ".", "..", ".git"} & set(path.lower().split("/")) for path in paths)


async def test_a_file_that_is_no_blob_is_left_out(
    place: Path, source: Source, limits: FetchLimits
) -> None:
    make_empty(place)
    blob = write_object(place, "blob", b"1")
    inner = write_object(place, "tree", entry("100644", b"f", blob))
    add_commit(place, entry("100644", b"a", inner) + entry("100644", b"b", blob))
    async with fetch(source, limits=limits) as tree:
        assert [file.path async for file, _ in tree.read(tree.files)] == ["b"]


@pytest.mark.parametrize("when", ["99999999999999999999 +0000", "-1 +0000", "x", "1 +9999999"])
async def test_a_time_that_is_none_is_no_crash(
    place: Path, source: Source, limits: FetchLimits, when: str
) -> None:
    make_empty(place)
    add_commit(place, entry("100644", b"f", write_object(place, "blob", b"1")), when=when)
    with contextlib.suppress(RepositoryError):
        async with fetch(source, limits=limits) as tree:
            assert len(tree.files) == 1


async def test_hooks_and_settings_of_a_repository_are_not_run(
    place: Path, source: Source, limits: FetchLimits, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    files = [
        (b".gitattributes", b"* filter=x diff=x text eol=crlf ident export-subst\n"),
        (b".gitconfig", f'[filter "x"]\n\tsmudge = touch {made}\n'.encode()),
        (b".lfsconfig", b"[lfs]\n\turl = http://127.0.0.1:1/\n"),
        (b"a", b"$Id$\n$Format:%H$\n"),
    ]
    make(place, files)
    async with fetch(source, limits=limits) as tree:
        read = [text async for _, text in tree.read(tree.files)]
    assert read == [text for _, text in files]
    assert not await asyncio.to_thread(made.exists)


async def test_a_branch_with_a_hostile_name_is_data(
    place: Path, source: Source, limits: FetchLimits
) -> None:
    name = "$(touch${IFS}x);`x`&|'\"<>"
    make(place, [(b"f", b"1")])
    git(place, "branch", "-m", "main", name)
    git(place, "symbolic-ref", "HEAD", f"refs/heads/{name}")
    async with fetch(source, limits=limits) as tree:
        assert tree.branch == name
