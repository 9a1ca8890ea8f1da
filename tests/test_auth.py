import asyncio
import base64
import hmac
import json
import math
import time
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import Depends
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from tests.serving import eventually, serve
from tests.stand_in import JWKS, stand_in

from supajobs.api.callers import authenticate, require_operator
from supajobs.app import create_app
from supajobs.auth import (
    KEYS_FRESH_AGE,
    KEYS_MAX_AGE,
    KEYS_MIN_AGE,
    KEYS_PATIENCE,
    KEYS_RETRY_SECONDS,
    MAX_TOKEN_LENGTH,
    TokenVerifier,
)
from supajobs.errors import NotAuthenticatedError, SupabaseUnavailableError
from supajobs.settings import Settings
from supajobs.wiring import API_PATIENCE

ORIGIN = "https://project.supabase.test"
ISSUER = f"{ORIGIN}/auth/v1"
JWKS_URL = f"{ORIGIN}/auth/v1/.well-known/jwks.json"
LEFT_OUT = object()
LEGACY_SECRET = "a-legacy-secret-of-at-least-32-characters"


@dataclass
class SigningKey:
    """A key of the project, and tokens signed with it."""

    private: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    algorithm: str = "ES256"
    kid: str = field(default_factory=lambda: uuid4().hex)

    @property
    def public(self) -> dict[str, Any]:
        algorithms = {"ES256": ECAlgorithm, "RS256": RSAAlgorithm, "EdDSA": OKPAlgorithm}
        algorithm = algorithms[self.algorithm]
        public: dict[str, Any] = algorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, **claims: Any) -> str:
        return self.sign_with_header({}, **claims)

    def sign_with_header(self, header: dict[str, Any], **claims: Any) -> str:
        """Without the care that jwt.encode takes to make nothing strange."""
        head = encode({"alg": self.algorithm, "kid": self.kid, **header})
        signed = f"{head}.{encode(make_claims(**claims))}"
        signature = jwt.get_algorithm_by_name(self.algorithm).sign(signed.encode(), self.private)
        return f"{signed}.{encode(signature)}"


def encode(value: Any) -> str:
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def sign_with_public_key(key: SigningKey) -> list[str]:
    """What a server would take for genuine that lets the token choose the algorithm."""
    public = key.private.public_key()
    secrets: list[bytes] = [
        json.dumps(key.public).encode(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    ]
    signed = f"{encode({'alg': 'HS256', 'kid': key.kid})}.{encode(make_claims())}"
    return [
        f"{signed}.{encode(hmac.digest(secret, signed.encode(), 'sha256'))}" for secret in secrets
    ]


def make_claims(**claims: Any) -> dict[str, Any]:
    standard = {
        "sub": str(uuid4()),
        "aud": "authenticated",
        "iss": ISSUER,
        "exp": time.time() + 60,
        "role": "authenticated",
    }
    return {name: value for name, value in {**standard, **claims}.items() if value is not LEFT_OUT}


def make_settings(**overrides: Any) -> Settings:
    given = {
        "supabase_url": ORIGIN,
        "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
        "SUPABASE_SECRET_KEY": "sb_secret_x",
        **overrides,
    }
    return Settings(_env_file=None, **given)  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument


@pytest.fixture
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
def jwks(key: SigningKey) -> Any:
    with respx.mock() as router:
        yield router.get(JWKS_URL).respond(json={"keys": [key.public]})


@pytest.fixture
async def http() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock that the key cache goes by, and no other."""
    now = [1000.0]
    monkeypatch.setattr("supajobs.auth.monotonic", lambda: now[0])

    def advance(seconds: float) -> None:
        now[0] += seconds

    return advance


@pytest.fixture
def verifier(http: httpx.AsyncClient) -> TokenVerifier:
    return TokenVerifier(make_settings(), http)


async def test_a_valid_token_names_its_user(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    user_id, expires_at = uuid4(), datetime(2040, 1, 2, tzinfo=UTC)
    token = key.sign(sub=str(user_id), exp=expires_at.timestamp())
    user = await verifier.verify(token)
    assert (user.id, user.access_token, user.expires_at) == (user_id, token, expires_at)
    assert not user.is_admin
    assert not user.is_anonymous
    assert token not in repr(user)
    await verifier.verify(key.sign())
    assert jwks.call_count == 1


@pytest.mark.parametrize(
    "key",
    [
        SigningKey(rsa.generate_private_key(65537, 2048), "RS256"),
        SigningKey(ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
    ids=lambda key: key.algorithm,
)
async def test_all_kinds_of_keys_that_supabase_has_are_understood(
    verifier: TokenVerifier, jwks: respx.Route, key: SigningKey
) -> None:
    jwks.respond(json={"keys": [key.public]})
    assert await verifier.verify(key.sign())


@pytest.mark.parametrize(
    ("claims", "is_admin"),
    [
        ({"app_metadata": {"role": "admin", "provider": "email"}}, True),
        ({"app_metadata": {"role": "editor"}}, False),
        ({"app_metadata": {"role": ["admin"]}}, False),
        ({"app_metadata": "admin"}, False),
        ({"app_metadata": None}, False),
        ({"user_metadata": {"role": "admin"}}, False),
        ({"role": "admin"}, False),
    ],
    ids=str,
)
async def test_only_app_metadata_makes_an_admin(
    verifier: TokenVerifier,
    key: SigningKey,
    jwks: respx.Route,
    claims: dict[str, Any],
    is_admin: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    user = await verifier.verify(key.sign(**claims))
    assert user.is_admin == is_admin


async def test_anonymous_users_are_known(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    assert (await verifier.verify(key.sign(is_anonymous=True))).is_anonymous
    assert not (await verifier.verify(key.sign(is_anonymous=False))).is_anonymous


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": time.time() - 60}, id="exp a minute ago"),
        pytest.param({"exp": LEFT_OUT}, id="no exp"),
        {"exp": 1e300},
        {"exp": math.inf},
        {"aud": "anon"},
        pytest.param({"aud": LEFT_OUT}, id="no aud"),
        {"iss": "https://elsewhere.test/auth/v1"},
        pytest.param({"iss": LEFT_OUT}, id="no iss"),
        pytest.param({"sub": LEFT_OUT}, id="no sub"),
        {"sub": "not-a-uuid"},
        pytest.param({"sub": f"urn:uuid:{uuid4()}"}, id="a urn as sub"),
        pytest.param({"sub": f"{{{uuid4()}}}"}, id="sub in braces"),
        pytest.param({"sub": uuid4().hex}, id="sub without dashes"),
        {"exp": 10**18},
        {"exp": 10**400},
        {"nbf": 10**18},
        pytest.param({"nbf": time.time() + 3600}, id="nbf in an hour"),
        {"nbf": math.nan},
    ],
    ids=str,
)
async def test_wrong_claims_are_refused(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, claims: dict[str, Any]
) -> None:
    with pytest.raises(NotAuthenticatedError):
        await verifier.verify(key.sign(**claims))


async def test_a_few_seconds_of_clock_skew_are_forgiven(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    assert await verifier.verify(key.sign(exp=time.time() - 3))


async def test_forged_tokens_are_refused(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    head, body, signature = key.sign().split(".")
    forger = SigningKey(kid=key.kid)
    unsigned = jwt.encode(make_claims(), "", "none", headers={"kid": key.kid})
    for token in (
        forger.sign(),
        SigningKey().sign(),
        *sign_with_public_key(key),
        unsigned,
        key.sign_with_header({"crit": ["exp"], "exp": 1}),
        key.sign_with_header({"crit": []}),
        key.sign_with_header({"b64": False, "crit": ["b64"]}),
        key.sign_with_header({"alg": "ES384"}),
        key.sign_with_header({"alg": "none"}),
        jwt.encode(make_claims(), LEGACY_SECRET, "HS256"),
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
        f"{head}.{body}",
        "a.b.c",
        "sb_secret_x",
        "",
    ):
        with pytest.raises(NotAuthenticatedError):
            await verifier.verify(token)


async def test_a_key_is_for_one_algorithm(verifier: TokenVerifier, jwks: respx.Route) -> None:
    key = SigningKey(rsa.generate_private_key(65537, 2048), "RS256")
    jwks.respond(json={"keys": [key.public]})
    assert await verifier.verify(key.sign())
    for other in ("RS512", "PS256"):
        with pytest.raises(NotAuthenticatedError):
            await verifier.verify(replace(key, algorithm=other).sign())


async def test_the_legacy_secret_counts_only_where_it_is_set(http: httpx.AsyncClient) -> None:
    verifier = TokenVerifier(make_settings(supabase_jwt_secret=LEGACY_SECRET), http)
    token = jwt.encode(make_claims(), LEGACY_SECRET, "HS256")
    assert await verifier.verify(token)
    with pytest.raises(NotAuthenticatedError):
        await verifier.verify(jwt.encode(make_claims(), "x" * 32, "HS256"))


async def test_nothing_longer_than_a_token_is_looked_at(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    assert await verifier.verify(key.sign(user_metadata={"bio": "x" * 8_000}))
    with pytest.raises(NotAuthenticatedError):
        await verifier.verify(key.sign(user_metadata={"bio": "x" * MAX_TOKEN_LENGTH}))


async def test_a_rotated_key_is_fetched_when_it_is_first_met(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, clock: Callable[[float], None]
) -> None:
    await verifier.verify(key.sign())
    rotated = SigningKey()
    jwks.respond(json={"keys": [key.public, rotated.public]})
    clock(KEYS_MIN_AGE + 1)
    await verifier.verify(rotated.sign())
    assert jwks.call_count == 2


async def test_a_key_that_was_taken_back_counts_no_more(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, clock: Callable[[float], None]
) -> None:
    token = key.sign()
    await verifier.verify(token)
    jwks.respond(json={"keys": [SigningKey().public]})
    clock(KEYS_MAX_AGE + 1)
    with pytest.raises(NotAuthenticatedError):
        await verifier.verify(token)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signatures were verified."""
    tokens: list[str] = []

    def decode_noted(token: str, *arguments: Any, **options: Any) -> Any:
        tokens.append(token)
        return decode(token, *arguments, **options)

    decode = jwt.decode
    monkeypatch.setattr("supajobs.auth.jwt.decode", decode_noted)
    return tokens


async def test_a_token_is_verified_once_by_the_same_keys(
    verifier: TokenVerifier,
    key: SigningKey,
    jwks: respx.Route,
    clock: Callable[[float], None],
    decoded: list[str],
) -> None:
    one, other = key.sign(), key.sign()
    for _ in range(3):
        assert (await verifier.verify(one)).access_token == one
        assert (await verifier.verify(other)).access_token == other
    assert decoded == [one, other]
    clock(KEYS_FRESH_AGE + 1)
    await verifier.verify(one)
    assert decoded == [one, other, one]


async def test_no_more_tokens_are_remembered_than_there_is_room_for(
    verifier: TokenVerifier,
    key: SigningKey,
    jwks: respx.Route,
    decoded: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.auth.MAX_REMEMBERED", 2)
    tokens = [key.sign() for _ in range(3)]
    for token in [*tokens, tokens[0]]:
        await verifier.verify(token)
    assert decoded == [*tokens, tokens[0]]


async def test_a_token_that_was_verified_expires_all_the_same(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = key.sign(exp=time.time() - 5)
    await verifier.verify(token)
    monkeypatch.setattr("supajobs.auth.CLOCK_SKEW", timedelta(0))
    with pytest.raises(NotAuthenticatedError):
        await verifier.verify(token)


async def test_unknown_keys_cause_one_fetch_in_a_while(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, clock: Callable[[float], None]
) -> None:
    await verifier.verify(key.sign())
    clock(KEYS_MIN_AGE + 1)
    for _ in range(50):
        with pytest.raises(NotAuthenticatedError):
            await verifier.verify(SigningKey().sign())
    assert jwks.call_count == 2


async def test_a_project_without_published_keys_is_not_asked_for_each_token(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    jwks.respond(json={"keys": []})  # as long as a project signs with the legacy secret
    for _ in range(50):
        with pytest.raises(NotAuthenticatedError):
            await verifier.verify(key.sign())
    assert jwks.call_count == 1


async def test_a_key_of_an_unknown_kind_does_not_lock_everybody_out(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    jwks.respond(json={"keys": [{"kty": "unheard of", "kid": "x"}, key.public]})
    assert await verifier.verify(key.sign())


async def test_old_keys_are_better_than_none(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, clock: Callable[[float], None]
) -> None:
    await verifier.verify(key.sign())
    jwks.respond(500)
    clock(KEYS_MAX_AGE + 1)
    assert await verifier.verify(key.sign())


async def test_a_key_that_may_be_new_is_not_refused_while_nobody_can_tell(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, clock: Callable[[float], None]
) -> None:
    await verifier.verify(key.sign())
    jwks.respond(500)
    clock(KEYS_MIN_AGE + 1)
    for _ in range(50):
        with pytest.raises(SupabaseUnavailableError):
            await verifier.verify(SigningKey().sign())
    assert jwks.call_count == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=["nonsense"]),
        httpx.Response(200, json={"keys": "nonsense"}),
        httpx.Response(200, json={"keys": ["nonsense"]}),
        httpx.Response(200, json={"keys": [{"kty": "EC", "crv": "P-256", "x": 5, "y": []}]}),
        httpx.Response(200, json={"keys": [{"kty": "unheard of"}]}),
    ],
    ids=lambda answer: answer.text,
)
async def test_without_keys_the_service_is_unavailable_until_there_are_some(
    verifier: TokenVerifier,
    key: SigningKey,
    jwks: respx.Route,
    clock: Callable[[float], None],
    answer: httpx.Response,
) -> None:
    jwks.mock(return_value=answer)
    for _ in range(2):
        with pytest.raises(SupabaseUnavailableError):
            await verifier.verify(key.sign())
    assert jwks.call_count == 1
    jwks.mock(return_value=None).respond(json={"keys": [key.public]})
    clock(KEYS_RETRY_SECONDS + 1)
    assert await verifier.verify(key.sign())


async def test_nobody_waits_for_keys_who_has_one(
    key: SigningKey, http: httpx.AsyncClient, clock: Callable[[float], None]
) -> None:
    async with stand_in(key.public) as supabase:
        verifier = TokenVerifier(
            make_settings(supabase_url=supabase.url, supabase_jwt_issuer=ISSUER), http
        )
        await verifier.verify(key.sign())
        supabase.keys = None
        clock(KEYS_FRESH_AGE + 1)
        waiting = asyncio.create_task(verifier.verify(SigningKey().sign()))
        await eventually(lambda: supabase.calls[JWKS] == 2)
        for _ in range(50):
            await verifier.verify(key.sign())
        assert not waiting.done(), "this took as long as the wait for keys"
        with pytest.raises(SupabaseUnavailableError):
            await waiting
        assert supabase.calls[JWKS] == 2


async def test_keys_that_do_not_come_are_asked_for_once_and_not_waited_for(
    key: SigningKey, http: httpx.AsyncClient, clock: Callable[[float], None]
) -> None:
    assert KEYS_PATIENCE + API_PATIENCE < 2, "what the API promises"
    async with stand_in(key.public) as supabase:
        supabase.keys = None
        verifier = TokenVerifier(
            make_settings(supabase_url=supabase.url, supabase_jwt_issuer=ISSUER), http
        )
        for _ in range(2):
            answers = await asyncio.gather(
                *(verifier.verify(key.sign()) for _ in range(20)), return_exceptions=True
            )
            assert {type(answer) for answer in answers} == {SupabaseUnavailableError}
            clock(KEYS_MIN_AGE + 1)
        assert supabase.calls[JWKS] == 1


@pytest.fixture
async def gate(key: SigningKey) -> AsyncGenerator[httpx.AsyncClient]:
    """An API with a door for operators and one for users with an account."""
    async with stand_in(key.public) as supabase:
        settings = make_settings(
            supabase_url=supabase.url,
            supabase_jwt_issuer=ISSUER,
            api_runs_jobs=False,
            allow_anonymous_users=False,
        )
        app = create_app(settings)
        app.add_api_route("/operators", lambda: None, dependencies=[Depends(require_operator)])
        app.add_api_route("/users", lambda: None, dependencies=[Depends(authenticate)])
        async with serve(app) as client:
            yield client


async def knock(gate: httpx.AsyncClient, door: str, credentials: str) -> int:
    headers = [(b"Authorization", credentials.encode("latin-1"))]
    return (await gate.get(door, headers=headers)).status_code


async def test_operators_are_admins_and_those_with_the_secret_key(
    gate: httpx.AsyncClient, key: SigningKey
) -> None:
    for bearer, status in (
        ("sb_secret_x", 200),
        (key.sign(app_metadata={"role": "admin"}), 200),
        (key.sign(user_metadata={"role": "admin"}), 403),
        (key.sign(), 403),
        (SigningKey().sign(app_metadata={"role": "admin"}), 401),
        ("sb_publishable_x", 401),
        ("sb_secret_", 401),
        ("sb_secret_é", 401),
    ):
        assert await knock(gate, "/operators", f"Bearer {bearer}") == status, bearer
    assert await knock(gate, "/operators", "Basic sb_secret_x") == 401
    assert (await gate.get("/operators")).status_code == 401


async def test_anonymous_users_may_be_kept_out(gate: httpx.AsyncClient, key: SigningKey) -> None:
    assert await knock(gate, "/users", f"Bearer {key.sign(is_anonymous=False)}") == 200
    assert await knock(gate, "/users", f"Bearer {key.sign(is_anonymous=True)}") == 403
    assert await knock(gate, "/users", "Bearer sb_secret_x") == 401


@pytest.mark.parametrize("role", ["service_role", "anon", "editor", "postgres", "", None, ["x"]])
async def test_only_users_get_in(gate: httpx.AsyncClient, key: SigningKey, role: Any) -> None:
    assert await knock(gate, "/users", f"Bearer {key.sign(role=role)}") == 403
    admin = {"app_metadata": {"role": "admin"}}
    assert await knock(gate, "/operators", f"Bearer {key.sign(role=role, **admin)}") == 403


async def test_a_token_without_a_role_is_no_users(gate: httpx.AsyncClient, key: SigningKey) -> None:
    assert await knock(gate, "/users", f"Bearer {key.sign(role=LEFT_OUT)}") == 403
    assert await knock(gate, "/users", f"Bearer {key.sign()}") == 200


@pytest.mark.parametrize("role", ["service_role", "anon", "postgres"])
def test_no_role_of_the_server_is_made_one_of_users(role: str) -> None:
    assert make_settings(user_roles="authenticated, coach").user_roles == ("authenticated", "coach")
    with pytest.raises(ValueError, match="no role of users"):
        make_settings(user_roles=f"authenticated,{role}")


# Values that claims and headers do not have, and the few that they may have.
STRANGE: list[Any] = [None, True, 0, -1, 1.5, "", "x", "\0", "é", [], [[]], {}, {"x": []}]
TIMES: list[Any] = [True, 0, -1, 1.5]


def resign(key: SigningKey) -> Generator[str]:
    """Tokens of the right key that say strange things."""
    for claim in ("exp", "nbf", "iat", "iss", "aud", "sub"):
        for value in STRANGE:
            if not (claim in {"nbf", "iat"} and value in TIMES):
                yield key.sign(**{claim: value})
    for name in ("alg", "kid"):
        for value in [*STRANGE, "none", "HS256", "ES384", "RS256", "EdDSA", "../key", "a" * 2000]:
            yield key.sign_with_header({name: value})
    for header in ({"crit": ["x"], "x": 1}, {"b64": False}, {"b64": False, "crit": ["b64"]}):
        yield key.sign_with_header(header)


def rearrange(genuine: str) -> Generator[str]:
    """A genuine token with its parts mixed up, or with something else in their places."""
    head, body, signature = genuine.split(".")
    for value in [*STRANGE, b"{", b"[" * 9_000, b"\xff\xfe", b'"\\ud800"']:
        yield f"{encode(value)}.{body}.{signature}"
        yield f"{head}.{encode(value)}.{signature}"
        yield f"{head}.{body}.{encode(value)}"
    for parts in ([body, head, signature], [head, signature, body], [head, body], [head]):
        yield ".".join(parts)
    for extra in ("..", ".", "=", "===", "/", "+", "x y", "é", "ÿ", ".e30", "," + genuine):
        yield genuine + extra
        yield extra + genuine


def damage(genuine: str, random: Random) -> Generator[str]:
    """A genuine token with characters lost or replaced."""
    while True:
        yield genuine[: random.randrange(1, len(genuine))]
        place = random.randrange(len(genuine))
        other = random.choice("abcXYZ019-_./+=~!".replace(genuine[place], ""))
        yield genuine[:place] + other + genuine[place + 1 :]
        start, end = sorted(random.sample(range(len(genuine)), 2))
        yield genuine[:start] + genuine[end:]


async def test_hundreds_of_malformed_tokens_are_all_refused_alike(key: SigningKey) -> None:
    genuine = key.sign(email="a@example.com", role="authenticated")
    random = Random(0)  # noqa: S311 - the same tokens each time
    tokens = {*resign(key), *rearrange(genuine), *islice(damage(genuine, random), 400)}
    assert len(tokens) > 500
    async with stand_in(key.public) as supabase:
        settings = make_settings(
            supabase_url=supabase.url, supabase_jwt_issuer=ISSUER, api_runs_jobs=False
        )
        async with serve(create_app(settings)) as client:
            for token in tokens:
                headers = [(b"Authorization", f"Bearer {token}".encode("latin-1"))]
                refused = await client.get(f"/v1/jobs/{uuid4()}", headers=headers)
                assert refused.status_code == 401, token
                assert refused.headers["Content-Type"] == "application/problem+json", token
                assert refused.json()["code"] == "not_authenticated", token
        assert supabase.calls.keys() == {JWKS, "note_plan_processor"}, "nobody asked for a job"
