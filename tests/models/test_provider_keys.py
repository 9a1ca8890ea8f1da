"""Keys that users bring: their encryption, and their way to the handler."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr, ValidationError
from tests.parts import NoParams, Person, Sql, expire_lease, make_processor, settle
from tests.test_auth import make_settings

from supajobs.errors import ProviderKeyNotAllowedError, ProviderKeysNotOfferedError
from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import ClaimedJob
from supajobs.models.provider_keys import ProviderKeys, UnreadableKeyError
from supajobs.outcomes import Completed
from supajobs.queue.answers import ClaimLostError
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

KEY = SecretStr("sk-of-the-user-0123456789")


def make_secret(*more: SecretStr) -> SecretStr:
    keys = [Fernet.generate_key().decode(), *(secret.get_secret_value() for secret in more)]
    return SecretStr(" , ".join(keys))


@pytest.fixture
def provider_keys() -> ProviderKeys:
    return ProviderKeys(make_secret())


@pytest.fixture
def queue(database: Database, provider_keys: ProviderKeys) -> JobQueue:
    return JobQueue(database, provider_keys=provider_keys)


async def request(queue: JobQueue, person: Person, job_type: str) -> UUID:
    enqueued = await queue.enqueue(
        user_id=person.id, job_type=job_type, params={}, provider_key=KEY
    )
    return enqueued.job.id


async def claim(queue: JobQueue, job_type: str) -> ClaimedJob:
    [job] = await queue.claim(claim_id=uuid4(), worker_id="w", max_jobs=1, job_types=[job_type])
    return job


async def run_on_the_key(job: RunningJob, params: NoParams) -> Completed:
    assert await job.provider_key() == KEY
    return Completed()


def test_a_key_comes_back_from_a_text_that_does_not_show_it(provider_keys: ProviderKeys) -> None:
    one, two = provider_keys.encrypt(KEY), provider_keys.encrypt(KEY)
    assert provider_keys.decrypt(one) == provider_keys.decrypt(two) == KEY
    assert one != two
    assert KEY.get_secret_value() not in one


def test_a_replaced_secret_still_decrypts() -> None:
    old = make_secret()
    new = make_secret(old)
    encrypted_before, encrypted_after = (
        ProviderKeys(old).encrypt(KEY),
        ProviderKeys(new).encrypt(KEY),
    )
    assert ProviderKeys(new).decrypt(encrypted_before) == KEY
    assert ProviderKeys(new).decrypt(encrypted_after) == KEY
    with pytest.raises(UnreadableKeyError):
        ProviderKeys(old).decrypt(encrypted_after)


def test_without_a_secret_nothing_is_encrypted_or_decrypted(provider_keys: ProviderKeys) -> None:
    with pytest.raises(ProviderKeysNotOfferedError):
        ProviderKeys(None).encrypt(KEY)
    with pytest.raises(UnreadableKeyError):
        ProviderKeys(None).decrypt(provider_keys.encrypt(KEY))


@pytest.mark.parametrize("change", ["tampered", "cut", "ünreadable", ""])
def test_what_is_no_encrypted_key_is_unreadable(provider_keys: ProviderKeys, change: str) -> None:
    ciphertext = provider_keys.encrypt(KEY)
    changed = {"tampered": ciphertext[:-5] + "AAAA=", "cut": ciphertext[:-20]}.get(change, change)
    with pytest.raises(UnreadableKeyError):
        provider_keys.decrypt(changed)


@pytest.mark.parametrize("secret", ["too-short", "x" * 43, "{good},", "{good},{good}x=,"])
def test_the_settings_refuse_a_secret_that_is_none_and_do_not_tell_it(secret: str) -> None:
    secret = secret.format(good=make_secret().get_secret_value())
    with pytest.raises(ValidationError, match="Fernet key must be 32") as refused:
        make_settings(provider_key_secret=secret)
    assert secret not in str(refused.value)
    assert "PROVIDER_KEY_SECRET".lower() in str(refused.value)


async def test_the_worker_that_holds_the_job_gets_its_key(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
    sql: Sql,
) -> None:
    job_type = make_job_type(allows_provider_key=True)
    job_id = await request(queue, person, job_type)
    [stored] = sql.execute(
        "select * from supajobs.provider_keys where job_id = %s", [job_id]
    ).fetchall()
    assert KEY.get_secret_value() not in str(stored)
    assert KEY.get_secret_value() not in str(read_job(job_id))

    lost = await claim(queue, job_type)
    assert await queue.get_provider_key(lost) == KEY
    expire_lease(sql, job_id)
    job = await claim(queue, job_type)
    assert await queue.get_provider_key(job) == KEY
    with pytest.raises(ClaimLostError):
        await queue.get_provider_key(lost)

    await settle(queue, job, Completed())
    assert (
        sql.execute("select from supajobs.provider_keys where job_id = %s", [job_id]).rowcount == 0
    )
    with pytest.raises(ClaimLostError):
        await queue.get_provider_key(job)


async def test_a_job_that_brought_no_key_has_none(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type(allows_provider_key=True)
    await queue.enqueue(user_id=person.id, job_type=job_type, params={})
    assert await queue.get_provider_key(await claim(queue, job_type)) is None


async def test_a_job_whose_key_is_gone_fails_for_good_and_runs_on_no_other(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
    sql: Sql,
) -> None:
    name = make_job_type(allows_provider_key=True)
    job_id = await request(queue, person, name)
    sql.execute("delete from supajobs.provider_keys where job_id = %s", [job_id])

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        return Completed(result=f"ran on {await job.provider_key()}")

    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {"failed": 1}
    error = read_job(job_id)["error"]
    assert error["code"] == "provider_key_gone"
    assert "erased" in error["message"]


async def test_a_worker_with_another_secret_leaves_the_job_to_others(
    queue: JobQueue,
    database: Database,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
    sql: Sql,
) -> None:
    name = make_job_type(allows_provider_key=True, backoff_base_seconds=900)
    job_id = await request(queue, person, name)
    job_type = JobType(name, NoParams, run_on_the_key)
    stranger = JobQueue(database, provider_keys=ProviderKeys(make_secret()))
    assert await make_processor(stranger, job_type).drain() == {"retrying": 1}
    assert read_job(job_id)["error"]["code"] == "provider_key_unreadable"
    sql.execute("update plan_generation_jobs set run_at = now() where id = %s", [job_id])
    assert await make_processor(queue, job_type).drain() == {"completed": 1}


async def test_a_key_that_no_worker_can_read_fails_the_job_in_words(
    queue: JobQueue,
    database: Database,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    name = make_job_type(allows_provider_key=True, max_retries=0)
    job_id = await request(queue, person, name)
    stranger = JobQueue(database, provider_keys=ProviderKeys(make_secret()))
    processor = make_processor(stranger, JobType(name, NoParams, run_on_the_key))
    assert await processor.drain() == {"failed": 1}
    error = read_job(job_id)["error"]
    assert error["code"] == "provider_key_unreadable"
    assert "send it again" in error["message"]


async def test_the_key_is_read_once_and_only_by_handlers_that_ask(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads: list[UUID] = []
    get_provider_key = queue.get_provider_key

    async def count(job: ClaimedJob) -> SecretStr | None:
        reads.append(job.id)
        return await get_provider_key(job)

    monkeypatch.setattr(queue, "get_provider_key", count)

    async def ask_for_none(job: RunningJob, params: NoParams) -> Completed:
        return Completed()

    async def ask_again_and_again(job: RunningJob, params: NoParams) -> Completed:
        keys = await asyncio.gather(*(job.provider_key() for _ in range(3)))
        assert [*keys, await job.provider_key()] == [KEY] * 4
        return Completed()

    for handle, expected in ((ask_for_none, 0), (ask_again_and_again, 1)):
        name = make_job_type(allows_provider_key=True)
        await request(queue, person, name)
        processor = make_processor(queue, JobType(name, NoParams, handle))
        assert await processor.drain() == {"completed": 1}
        assert len(reads) == expected


async def test_a_job_that_was_lost_is_let_go_where_it_asks_for_its_key(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
    sql: Sql,
) -> None:
    ended: list[str] = []

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        sql.execute(  # somebody else's claim, as after a sweep
            "update plan_generation_jobs set claim_id = gen_random_uuid() where id = %s",
            [job.claimed.id],
        )
        try:
            ended.append(f"ran on {await job.provider_key()}")
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return Completed()

    name = make_job_type(allows_provider_key=True)
    job_id = await request(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {}
    assert ended == ["cancelled"]
    assert read_job(job_id)["status"] == "processing"


async def test_a_retry_brings_the_key_again(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type(allows_provider_key=True)
    job_id = await request(queue, person, job_type)
    await queue.cancel(job_id, person.id)
    refused = await queue.retry(job_id, person.id)
    assert refused.outcome == "provider_key_required"
    assert refused.job
    assert refused.job.has_ended
    other = SecretStr("another-key-of-the-user")
    assert (await queue.retry(job_id, person.id, other)).outcome == "retried"
    assert await queue.get_provider_key(await claim(queue, job_type)) == other


async def test_refusals_have_names(
    queue: JobQueue, database: Database, person: Person, make_job_type: Callable[..., str]
) -> None:
    with pytest.raises(ProviderKeyNotAllowedError, match="take no key"):
        await request(queue, person, make_job_type())
    job_type = make_job_type(allows_provider_key=True)
    with pytest.raises(ProviderKeysNotOfferedError):
        await request(JobQueue(database), person, job_type)
