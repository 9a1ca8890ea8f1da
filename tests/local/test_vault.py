import psycopg
import pytest


def test_a_secret_from_creation_to_change(sql: psycopg.Connection) -> None:
    made = sql.execute("select vault.create_secret('s3cret', 'a_name', 'what for')").fetchone()
    assert made
    read = "select decrypted_secret, description from vault.decrypted_secrets where name = 'a_name'"
    assert sql.execute(read).fetchone() == ("s3cret", "what for")
    sql.execute("select vault.update_secret(%s, new_secret := 'other')", made)
    assert sql.execute(read).fetchone() == ("other", "what for")
    with pytest.raises(psycopg.errors.UniqueViolation):
        sql.execute("select vault.create_secret('again', 'a_name')")
    assert sql.execute("delete from vault.secrets where name = 'a_name'").rowcount == 1


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_users_cannot_look_into_the_vault(sql: psycopg.Connection, role: str) -> None:
    with sql.transaction(force_rollback=True):
        sql.execute(f"set local role {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.execute("select * from vault.decrypted_secrets")


def test_pgtap_is_available(sql: psycopg.Connection) -> None:
    with sql.transaction(force_rollback=True):
        sql.execute("create extension pgtap with schema extensions")
        sql.execute("select plan(1)")
        assert sql.execute("select ok(true, 'so')").fetchone() == ("ok 1 - so",)
