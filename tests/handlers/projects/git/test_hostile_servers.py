import base64
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr
from tests.handlers.projects.git.forge import Forge, Request
from tests.handlers.projects.git.repositories import make

from supajobs import addresses
from supajobs.handlers.projects.git import (
    FetchLimits,
    RepositoryError,
    RepositoryUnavailableError,
    Source,
    fetch,
    program,
)

TOKEN = "a-token/of+somebody"
ENCODED = base64.b64encode(f"x-token-auth:{TOKEN}".encode()).decode()
ADVERTISEMENT = "application/x-git-upload-pack-advertisement"


async def refuse(source: Source, limits: FetchLimits) -> str:
    with pytest.raises(RepositoryError) as refusal:
        async with fetch(source, limits=limits):
            pass
    return refusal.value.code


@pytest.mark.parametrize(
    "found",
    [
        ("127.0.0.1",),
        ("10.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("::ffff:10.0.0.1",),
        ("fd00:ec2::254",),
        ("8.8.8.8", "127.0.0.1"),  # one of them is enough
    ],
)
async def test_a_name_that_leads_to_us_is_refused(
    resolve: Callable[..., list[str]], limits: FetchLimits, found: tuple[str, ...]
) -> None:
    asked = resolve(*found)
    source = Source("https://forge.example.com/a/b")
    assert await refuse(source, limits) == "repository_address_refused"
    assert asked == ["forge.example.com"]


async def test_nobody_is_asked_twice_where_a_name_leads(
    forge: Forge, resolve: Callable[..., list[str]], limits: FetchLimits
) -> None:
    """The name is one that no DNS knows: what git connects to, it has from us."""
    make(forge.root / "a.git", [(b"f", b"1")])
    asked = resolve("127.0.0.1")
    async with fetch(Source(forge.url("a.git")), limits=limits):
        pass
    assert asked == ["forge.example.com"]


async def test_a_name_that_leads_nowhere_may_lead_somewhere_later(
    resolve: Callable[..., list[str]], limits: FetchLimits
) -> None:
    resolve()
    with pytest.raises(RepositoryUnavailableError):
        async with fetch(Source("https://forge.example.com/a/b"), limits=limits):
            pass


@pytest.mark.parametrize("where", ["info", "pack"])
async def test_a_redirect_is_not_followed(forge: Forge, limits: FetchLimits, where: str) -> None:
    make(forge.root / "a.git", [(b"f", b"1")])
    make(forge.root / "b.git", [(b"f", b"1")])

    def redirect(request: Request) -> None:
        if "/a.git/" in request.path and (where == "info" or request.command == "POST"):
            elsewhere = forge.url("b.git") + request.path.removeprefix("/a.git")
            request.reply(302, Location=elsewhere)
        else:
            request.serve_git()

    forge.answer = redirect
    assert await refuse(Source(forge.url("a.git")), limits) == "repository_moved"
    assert not any("/b.git" in each for each in forge.seen)


async def test_a_certificate_of_nobody_is_refused(
    forge: Forge, limits: FetchLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(program.CONFIG, "http.sslCAInfo")
    assert await refuse(Source(forge.url("a.git")), limits) == "certificate_invalid"
    assert forge.seen == []


async def test_a_certificate_of_another_name_is_refused(forge: Forge, limits: FetchLimits) -> None:
    other = Source(f"https://other.example.com:{forge.port}/a.git")
    assert await refuse(other, limits) == "certificate_invalid"
    assert forge.seen == []


async def test_proxies_and_settings_of_this_machine_have_no_say(
    forge: Forge, limits: FetchLimits, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make(forge.root / "a.git", [(b"f", b"1")])
    settings = tmp_path / "settings"
    settings.write_text(f'[url "file://{tmp_path}/none"]\n\tinsteadOf = https://forge\n')
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    async with fetch(Source(forge.url("a.git")), limits=limits) as tree:
        assert len(tree.files) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "repository_not_found"), (403, "repository_not_found"), (404, "repository_not_found")],
)
async def test_a_refusal_is_told(forge: Forge, limits: FetchLimits, status: int, code: str) -> None:
    forge.answer = lambda request: request.reply(status, WWW_Authenticate="Basic realm=x")
    assert await refuse(Source(forge.url("a.git")), limits) == code


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_server_in_trouble_is_asked_again_later(
    forge: Forge, limits: FetchLimits, status: int
) -> None:
    forge.answer = lambda request: request.reply(status)
    with pytest.raises(RepositoryUnavailableError):
        async with fetch(Source(forge.url("a.git")), limits=limits):
            pass


async def test_a_server_out_of_reach_is_asked_again_later(
    forge: Forge, limits: FetchLimits
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"https://forge.example.com:{closed.getsockname()[1]}/a.git"
        with pytest.raises(RepositoryUnavailableError) as away:
            async with fetch(Source(url), limits=limits):
                pass
    assert "check the address" in away.value.error.message


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (ADVERTISEMENT, b"nonsense"),
        (ADVERTISEMENT, b"001e# service=git-upload-pack\n0000ffff"),
        (ADVERTISEMENT, b"001e# service=git-upload-pack\n0000000eversion 2\n0000"),
        (ADVERTISEMENT, b"001e# service=git-upload-pack\n0000000eversion 9\n0000"),
    ],
)
async def test_what_is_no_repository_is_told(
    forge: Forge, limits: FetchLimits, content_type: str, body: bytes
) -> None:
    forge.answer = lambda request: request.reply(200, body, Content_Type=content_type)
    assert await refuse(Source(forge.url("a.git")), limits) == "no_repository"


async def test_a_page_of_the_web_is_no_repository(forge: Forge, limits: FetchLimits) -> None:
    forge.answer = lambda request: request.reply(200, b"<html>", Content_Type="text/html")
    assert await refuse(Source(forge.url("a")), limits) == "repository_empty"


async def test_a_server_that_names_others_by_the_old_protocol_is_not_followed(
    forge: Forge, limits: FetchLimits
) -> None:
    def answer(request: Request) -> None:
        files = {
            "/a.git/info/refs": b"%b\trefs/heads/main\n" % (b"a" * 40),
            "/a.git/HEAD": b"ref: refs/heads/main\n",
            "/a.git/objects/info/http-alternates": f"{forge.url('b.git')}/objects\n".encode(),
        }
        path, _, _ = request.path.partition("?")
        request.reply(
            200 if path in files else 404, files.get(path, b""), Content_Type="text/plain"
        )

    forge.answer = answer
    assert await refuse(Source(forge.url("a.git")), limits) == "no_repository"
    assert not any("/b.git" in each for each in forge.seen)


async def test_an_endless_list_of_branches_is_given_up(
    forge: Forge, limits: FetchLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "MAX_MEMORY", 128 * 2**20)

    def list_branches(request: Request) -> None:
        request.begin(ADVERTISEMENT)
        request.wfile.write(b"001e# service=git-upload-pack\n0000")
        line = b"%b refs/heads/%b\n" % (b"a" * 40, b"b" * 900)
        some = (b"%04x%b" % (len(line) + 4, line)) * 1000
        while True:
            request.wfile.write(some)

    forge.answer = list_branches
    assert await refuse(Source(forge.url("a.git")), limits) == "repository_too_large"


@pytest.mark.parametrize("where", ["info", "pack"])
async def test_a_server_that_never_ends_is_given_up(
    forge: Forge, limits: FetchLimits, where: str
) -> None:
    make(forge.root / "a.git", [(b"f", b"1")])
    over = threading.Event()

    def stall(request: Request) -> None:
        if where == "info" or request.command == "POST":
            request.begin("application/x-git-upload-pack-result")
            over.wait(60)
        else:
            request.serve_git()

    forge.answer = stall
    short = replace(limits, seconds=1)
    assert await refuse(Source(forge.url("a.git")), short) == "repository_too_slow"
    over.set()


async def test_a_pack_that_is_cut_off_or_changed_is_not_read(
    forge: Forge, limits: FetchLimits
) -> None:
    make(forge.root / "a.git", [(b"f%d" % number, b"%d" % number * 99) for number in range(99)])

    def damage(body: bytes) -> bytes:
        return body[:-200] + bytes(each ^ 1 for each in body[-200:-100]) + body[-100:]

    forge.change = lambda body: damage(body) if b"packfile" in body else body
    assert await refuse(Source(forge.url("a.git")), limits) == "repository_damaged"


async def test_a_token_goes_to_the_server_alone(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [(b"f", b"1")])
    source = Source(forge.url("a.git"), token=SecretStr(TOKEN))
    async with fetch(source, limits=limits):
        pass
    assert all(each["Authorization"] == f"Basic {ENCODED}" for each in forge.headers)


async def test_a_token_is_in_no_error_and_no_log(forge: Forge, limits: FetchLimits) -> None:
    # A server that has it could have git say it.
    forge.answer = lambda request: request.reply(
        418, f"{TOKEN} {ENCODED}".encode(), Content_Type="text/plain"
    )
    source = Source(forge.url(f"{TOKEN}.git"), token=SecretStr(TOKEN))
    with structlog.testing.capture_logs() as logs, pytest.raises(RepositoryError) as refusal:
        async with fetch(source, limits=limits):
            pass
    shown = f"{refusal.value!r} {refusal.value.error!r} {source.token!r}"
    assert TOKEN not in shown
    assert ENCODED not in shown
    assert [each["event"] for each in logs] == ["git_failed"]
    assert TOKEN not in str(logs)
    assert ENCODED not in str(logs)


def test_the_check_of_addresses_is_on_without_a_test_that_turns_it_off() -> None:
    assert addresses.is_public.__module__ == "supajobs.addresses"
    assert "http.sslCAInfo" not in program.CONFIG
