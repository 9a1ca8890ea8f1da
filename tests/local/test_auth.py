from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import psycopg
import pytest
from supabase import AuthApiError, Client

from supajobs.local.stack import Stack, StackInfo
from supajobs.local.state import StackState

PASSWORD = "correct horse battery"


def access_token(client: Client) -> str:
    session = client.auth.get_session()
    assert session
    return session.access_token


def verify(stack: StackInfo, token: str) -> dict[str, Any]:
    """What an application does that trusts nothing but the public keys."""
    key = jwt.PyJWKClient(stack.jwks_url).get_signing_key_from_jwt(token)
    issuer = f"{stack.api_url}/auth/v1"
    return jwt.decode(token, key, ["ES256"], audience="authenticated", issuer=issuer)


def test_tokens_verify_against_the_public_keys(stack: StackInfo, user: Client) -> None:
    claims = verify(stack, access_token(user))
    me = user.auth.get_user()
    assert me
    assert (claims["sub"], claims["email"]) == (me.user.id, me.user.email)
    assert (claims["role"], claims["is_anonymous"]) == ("authenticated", False)
    assert claims["exp"] - claims["iat"] == 3600
    verified = user.auth.get_claims()
    assert verified
    assert verified["claims"].get("sub") == me.user.id


def test_the_public_keys_are_public_only(stack: StackInfo) -> None:
    (key,) = httpx.get(stack.jwks_url).json()["keys"]
    assert (key["kty"], key["alg"], "d" in key) == ("EC", "ES256", False)


def test_a_refreshed_session_is_another_valid_one(stack: StackInfo, user: Client) -> None:
    before = access_token(user)
    user.auth.refresh_session()
    after = access_token(user)
    assert verify(stack, after)["sub"] == verify(stack, before)["sub"]
    assert user.table("notes").select("*").execute().data == []


def test_a_changed_token_is_worth_nothing(stack: StackInfo, user: Client) -> None:
    head, body, signature = access_token(user).split(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    headers = {"apikey": stack.publishable_key, "authorization": f"Bearer {head}.{body}.{flipped}"}
    answer = httpx.get(f"{stack.api_url}/rest/v1/notes", headers=headers)
    assert answer.status_code == 401


def test_legacy_keys_still_work(stack: StackInfo) -> None:
    state = StackState.read(stack.dir / "state.json")
    assert state

    def count_as(role: str) -> int:
        key = jwt.encode({"role": role, "iss": "supabase"}, state.jwt_secret, "HS256")
        headers = {"apikey": key, "authorization": f"Bearer {key}"}
        return httpx.get(f"{stack.api_url}/rest/v1/notes", headers=headers).status_code

    assert (count_as("service_role"), count_as("anon")) == (200, 401)


def test_sign_in_again(stack: StackInfo, make_client: Callable[[str], Client]) -> None:
    client = make_client(stack.publishable_key)
    email = f"{uuid4()}@example.com"
    client.auth.sign_up(
        {"email": email, "password": PASSWORD, "options": {"data": {"name": "Ada"}}}
    )
    client.auth.sign_out()
    signed_in = client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    assert signed_in.user
    assert signed_in.user.user_metadata["name"] == "Ada"
    with pytest.raises(AuthApiError, match="Invalid login credentials"):
        client.auth.sign_in_with_password({"email": email, "password": "wrong"})


def test_an_anonymous_user_is_a_user(
    stack: StackInfo, make_client: Callable[[str], Client]
) -> None:
    client = make_client(stack.publishable_key)
    user = client.auth.sign_in_anonymously().user
    assert user
    assert (user.is_anonymous, user.email) == (True, "")
    client.table("notes").insert({"body": "mine"}).execute()
    client.auth.refresh_session()
    assert verify(stack, access_token(client))["is_anonymous"] is True
    assert len(client.table("notes").select("*").execute().data) == 1


def test_anonymous_sign_in_can_be_off(make_stack: Callable[..., Stack], tmp_path: Path) -> None:
    info = make_stack(project=tmp_path).up()  # without a config.toml: the defaults
    answer = httpx.post(
        f"{info.api_url}/auth/v1/signup", json={}, headers={"apikey": info.publishable_key}
    )
    assert (answer.status_code, answer.json()["error_code"]) == (422, "anonymous_provider_disabled")


def test_administrators_manage_users(
    stack: StackInfo, make_client: Callable[[str], Client]
) -> None:
    admin = make_client(stack.secret_key).auth.admin
    email = f"{uuid4()}@example.com"
    made = admin.create_user(
        {
            "email": email,
            "password": PASSWORD,
            "email_confirm": True,
            "app_metadata": {"plan": "gold"},
        }
    ).user
    with pytest.raises(AuthApiError, match="already registered"):
        admin.create_user({"email": email})
    assert email in [user.email for user in admin.list_users(per_page=1000)]

    changed = admin.update_user_by_id(made.id, {"user_metadata": {"name": "Ada"}}).user
    assert changed.user_metadata == {"name": "Ada"}
    assert changed.app_metadata["plan"] == "gold"

    session = make_client(stack.publishable_key).auth.sign_in_with_password(
        {"email": email, "password": PASSWORD}
    )
    assert session.user
    assert session.user.id == made.id

    admin.delete_user(made.id)
    with pytest.raises(AuthApiError, match="User not found"):
        admin.get_user_by_id(made.id)


def test_only_the_secret_key_administers(stack: StackInfo) -> None:
    for key in (stack.publishable_key, "", "nonsense"):
        answer = httpx.get(f"{stack.api_url}/auth/v1/admin/users", headers={"apikey": key})
        assert answer.status_code == 401


def test_metadata_is_readable_by_sql(user: Client, sql: psycopg.Connection) -> None:
    me = user.auth.get_user()
    assert me
    row = sql.execute(
        "select raw_app_meta_data ->> 'provider', raw_user_meta_data ->> 'email'"
        " from auth.users where id = %s",
        [me.user.id],
    ).fetchone()
    assert row == ("email", me.user.email)
