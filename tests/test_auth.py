import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from supajobs.auth import KEYS_MAX_AGE, KEYS_MIN_AGE, TokenVerifier
from supajobs.errors import NotAuthenticatedError, SupabaseUnavailableError
from supajobs.settings import Settings

ORIGIN = "https://project.supabase.test"
JWKS_URL = f"{ORIGIN}/auth/v1/.well-known/jwks.json"
LEGACY_SECRET = "a-legacy-secret-of-at-least-32-characters"


@dataclass
class SigningKey:
    """A key of the project, and tokens signed with it."""

    private: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    algorithm: str = "ES256"
    kid: str = field(default_factory=lambda: uuid4().hex)

    @property
    def public(self) -> dict[str, Any]:
        algorithm = ECAlgorithm if self.algorithm == "ES256" else RSAAlgorithm
        public: dict[str, Any] = algorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, **claims: Any) -> str:
        return jwt.encode(
            make_claims(**claims), self.private, self.algorithm, headers={"kid": self.kid}
        )


def make_claims(**claims: Any) -> dict[str, Any]:
    standard = {
        "sub": str(uuid4()),
        "aud": "authenticated",
        "iss": f"{ORIGIN}/auth/v1",
        "exp": time.time() + 60,
    }
    return {name: value for name, value in {**standard, **claims}.items() if value is not None}


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
    """Moves the monotonic clock that the key cache goes by."""
    now = [1000.0]
    monkeypatch.setattr("supajobs.auth.time.monotonic", lambda: now[0])

    def advance(seconds: float) -> None:
        now[0] += seconds

    return advance


@pytest.fixture
def verifier(http: httpx.AsyncClient) -> TokenVerifier:
    return TokenVerifier(make_settings(), http)


async def test_a_valid_token_names_its_user(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    user_id = uuid4()
    token = key.sign(sub=str(user_id))
    user = await verifier.verify(token)
    assert (user.id, user.access_token) == (user_id, token)
    await verifier.verify(key.sign())
    assert jwks.call_count == 1


async def test_rsa_keys_are_understood(verifier: TokenVerifier, jwks: respx.Route) -> None:
    key = SigningKey(rsa.generate_private_key(65537, 2048), "RS256")
    jwks.respond(json={"keys": [key.public]})
    assert await verifier.verify(key.sign())


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": time.time() - 60},
        {"exp": None},
        {"aud": "anon"},
        {"aud": None},
        {"iss": "https://elsewhere.test/auth/v1"},
        {"iss": None},
        {"sub": None},
        {"sub": "not-a-uuid"},
        {"nbf": time.time() + 3600},
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
    with_public_key_as_secret = jwt.encode(
        make_claims(), str(key.public), "HS256", headers={"kid": key.kid}
    )
    unsigned = jwt.encode(make_claims(), "", "none", headers={"kid": key.kid})
    for token in (
        forger.sign(),
        SigningKey().sign(),
        with_public_key_as_secret,
        unsigned,
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


async def test_the_legacy_secret_counts_only_where_it_is_set(http: httpx.AsyncClient) -> None:
    verifier = TokenVerifier(make_settings(supabase_jwt_secret=LEGACY_SECRET), http)
    token = jwt.encode(make_claims(), LEGACY_SECRET, "HS256")
    assert await verifier.verify(token)
    with pytest.raises(NotAuthenticatedError):
        await verifier.verify(jwt.encode(make_claims(), "x" * 32, "HS256"))


async def test_a_rotated_key_is_fetched_when_it_is_first_met(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route, clock: Callable[[float], None]
) -> None:
    await verifier.verify(key.sign())
    rotated = SigningKey()
    jwks.respond(json={"keys": [key.public, rotated.public]})
    clock(KEYS_MIN_AGE + 1)
    await verifier.verify(rotated.sign())
    assert jwks.call_count == 2


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


async def test_without_keys_the_service_is_unavailable(
    verifier: TokenVerifier, key: SigningKey, jwks: respx.Route
) -> None:
    for answer in (
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=["nonsense"]),
        httpx.Response(200, json={"keys": [{"kty": "unheard of"}]}),
    ):
        jwks.mock(return_value=answer)
        with pytest.raises(SupabaseUnavailableError):
            await verifier.verify(key.sign())
    jwks.respond(json={"keys": [key.public]})
    assert await verifier.verify(key.sign())
