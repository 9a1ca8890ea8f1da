"""The queue's SQL functions as Python methods: one each, typed in and out, and nothing more.

Every rule lives in SQL (supabase/schemas). Nothing else in the package calls these functions.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Unpack
from uuid import UUID, uuid4

from pydantic import JsonValue, SecretStr

from supajobs.errors import SupabaseRefusedError, SupajobsError
from supajobs.jobs import ClaimedJob, Job
from supajobs.models.provider_keys import ProviderKeys
from supajobs.outcomes import (
    Completed,
    Failed,
    JsonObject,
    PermanentError,
    Released,
    Suspended,
    Usage,
)
from supajobs.params import keep
from supajobs.queue import answers
from supajobs.queue.answers import Beat, Cancelled, Changes, Enqueued, Pulse, Retried, Settled
from supajobs.queue.asked import read_asked
from supajobs.queue.batches import in_turn
from supajobs.queue.bulk import BulkChanges
from supajobs.queue.calls import MeasuredCalls
from supajobs.queue.condition import QueueDescription, QueueHealth
from supajobs.queue.database import UNTRANSLATABLE_CHARACTER, Database
from supajobs.queue.flows import Flows
from supajobs.queue.job_signals import JobSignals
from supajobs.queue.processor_notes import ProcessorNotes
from supajobs.queue.requests import Asked, JobOptions, dump_options, enqueue_many, tell_created
from supajobs.queue.schedule_book import ScheduleBook
from supajobs.queue.settles import (
    Ended,
    NewClaim,
    list_ended,
    name_claim,
    order_settled,
    settling,
)
from supajobs.telemetry.messaging import operation
from supajobs.telemetry.metrics import Metrics

CLAIM_PATIENCE = 5.0  # s; a worker with nothing to lose may ask again later
HEARTBEAT_PATIENCE = 5.0  # s; the next one is near
SETTLE_PATIENCE = 20.0  # s; who settles goes on for as long as the job is theirs
WATCH_PATIENCE = 1.0  # s; so is the next look
MAX_CLAIM = 1000  # jobs in one claim, as claim_plan_jobs allows


class JobQueue:
    """The queue of one Supabase project.

    Calls are repeated for the patience of the database (claims and heartbeats for less) while the
    project does not answer; the functions are made so that a repeated call does nothing twice.

    An app has it while it runs::

        health = await jobs.queue.check()
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics | None = None,
        provider_keys: ProviderKeys | None = None,
    ) -> None:
        self._database = database
        self._metrics = metrics or Metrics()
        self._call = MeasuredCalls(database, self._metrics).call
        self.schedules = ScheduleBook(self._call)
        self.signals = JobSignals(self._call)
        self.flows = Flows(self._call)
        self.bulk = BulkChanges(self._call)
        self.notes = ProcessorNotes(self._call)
        self._provider_keys = provider_keys or ProviderKeys(None)

    @property
    def secrets(self) -> frozenset[str]:
        """What of its project's settings no text may tell."""
        return self._database.settings.secrets

    @asynccontextmanager
    async def elsewhere(self) -> AsyncGenerator["JobQueue"]:
        """The same queue for another event loop, with connections of its own."""
        async with self._database.elsewhere() as database:
            yield JobQueue(database, self._metrics, self._provider_keys)

    async def enqueue(
        self,
        *,
        user_id: UUID | None,
        job_type: str,
        params: JsonObject,
        **options: Unpack[JobOptions],
    ) -> Enqueued:
        """Requests a job for a user; for None, one of the system, which no user sees.

        It is kept for `ttl_hours` (1 to 168) after its end. `provider_key` is the user's own, for
        this job alone; a job that exists keeps the one it has. `after`: the jobs of the same user
        that are to complete first; where one of them does not, the job is cancelled, or runs all
        the same. With `debounce_seconds` (0 to 604800) the newest request of its dedupe key wins:
        the job starts that long after the last one, `debounce_max_seconds` after the first at most.

        Raises:
            DebounceWithoutDedupeError: jobs of this type have no key to debounce by.
            EnqueueRateLimitedError: the user may not have one more of this type yet.
            IdempotencyConflictError: the key was used for another request.
            InvalidRequestError: an option is not what it should be, or a text cannot be stored.
            MonthlyCostReachedError: the user's budget for this type is spent.
            ParentNotFoundError: the user has not all of the jobs that it is to come after.
            ProviderKeyNotAllowedError: jobs of this type take no key of the user's.
            ProviderKeysNotOfferedError: this server has nothing to encrypt it with.
            UnknownJobTypeError: plan_job_types has no such type.
            UserGoneError: auth.users has no such user.
        """
        user_id, options = read_asked(user_id, options)
        # A caller without a key still gets one: it makes repeated calls harmless.
        key = options.get("idempotency_key") or str(uuid4())
        asked = dump_options({**options, "idempotency_key": key}, self._provider_keys.encrypt)
        try:
            with operation("send", "enqueue", [job_type]):
                answer = await self._call(
                    "enqueue_plan_job",
                    answers.ENQUEUED,
                    p_user_id=user_id,
                    p_job_type=job_type,
                    p_params=params,
                    **{f"p_{name}": value for name, value in asked.items()},
                )
        except SupabaseRefusedError as error:
            if error.sqlstate != UNTRANSLATABLE_CHARACTER:
                raise
            trace_id = options.get("trace_id")
            keep({"params": params, "idempotency_key": key, "trace_id": trace_id}, within="")
            raise
        self._metrics.enqueued(job_type, answer.outcome).inc()
        return tell_created(answers.require_allowed(answer), key, options.get("idempotency_key"))

    async def enqueue_many(self, asked: Asked) -> list[Enqueued | SupajobsError]:
        """Requests many jobs, a thousand in one call: for each the answer, or the error."""
        return await enqueue_many(self._call, self._metrics, asked, self._provider_keys.encrypt)

    async def claim(self, **claim: Unpack[NewClaim]) -> list[ClaimedJob]:
        """Takes up to `max_jobs` due jobs of these types."""
        asked = name_claim(claim)
        return await self._call(
            "claim_plan_jobs", answers.CLAIMED_JOBS, patience=CLAIM_PATIENCE, **asked
        )

    async def advance(
        self, ended: Sequence[tuple[ClaimedJob, Completed]], **claim: Unpack[NewClaim]
    ) -> tuple[list[Settled], list[ClaimedJob]]:
        """Does what `complete` and then `claim` do, in one call: both, or neither."""
        with settling("complete", ended):
            told = await self._call(
                "advance_plan_jobs",
                answers.ADVANCED,
                patience=CLAIM_PATIENCE,
                p_jobs=list_ended(ended),
                **name_claim(claim),
            )
        return order_settled(told.settled, ended), told.claimed

    async def heartbeat(self, beats: Sequence[Beat]) -> list[Pulse]:
        """Extends leases, carries progress up and cancellations down: a pulse for each beat."""
        pulses = await self._call(
            "heartbeat_plan_jobs",
            answers.PULSES,
            patience=HEARTBEAT_PATIENCE,
            p_jobs=[beat.model_dump() for beat in beats],
        )
        by_job = {pulse.job_id: pulse for pulse in pulses}
        return in_turn(by_job, [beat.job_id for beat in beats])

    async def complete(self, ended: Sequence[tuple[ClaimedJob, Completed]]) -> list[Settled]:
        """Ends jobs well and stores their plans, in one transaction."""
        return await self._settle("complete", ended)

    async def fail(self, ended: Sequence[tuple[ClaimedJob, Failed]]) -> list[Settled]:
        """Ends attempts badly: each job has a later retry, or has failed."""
        return await self._settle("fail", ended)

    async def release(self, ended: Sequence[tuple[ClaimedJob, Released]]) -> list[Settled]:
        """Gives jobs back, unburned; those whose cancellation was asked for end cancelled."""
        return await self._settle("release", ended)

    async def suspend(self, ended: Sequence[tuple[ClaimedJob, Suspended]]) -> list[Settled]:
        """Has jobs wait, unburned; those whose cancellation was asked for end cancelled."""
        return await self._settle("suspend", ended)

    async def get_steps(self, job: ClaimedJob) -> answers.FoundSteps:
        """What a job's earlier attempts have saved, and what it was told."""
        return await self._call(
            "get_plan_job_steps", answers.FOUND_STEPS, p_job_id=job.id, p_claim_id=job.claim_id
        )

    async def save_step(
        self, job: ClaimedJob, name: str, output: JsonValue, usage: Usage | None
    ) -> bool:
        """Keeps the output of a finished step and what it cost; False: the claim no longer holds.

        Raises:
            SupabaseRefusedError: the output cannot be stored.
        """
        saved = await self._call(
            "save_plan_job_step",
            answers.SAVED_STEP,
            p_job_id=job.id,
            p_claim_id=job.claim_id,
            p_name=name,
            p_output=output,
            p_usage=usage,
        )
        return saved.outcome == "saved"

    async def get_provider_key(self, job: ClaimedJob) -> SecretStr | None:
        """The provider's key that this job brought, and runs on alone; None if it brought none.

        Raises:
            ClaimLostError: the job is no longer ours.
            PermanentError: the key was erased.
            UnreadableKeyError: this process cannot decrypt it, though another one may.
        """
        found = await self._call(
            "get_plan_job_key", answers.FOUND_KEY, p_job_id=job.id, p_claim_id=job.claim_id
        )
        match found:
            case answers.FoundKey(ciphertext=str(ciphertext)):
                return self._provider_keys.decrypt(ciphertext)
            case answers.FoundKey(outcome="none"):
                return None
            case answers.FoundKey(outcome="stale"):
                raise answers.ClaimLostError
            case _:
                raise PermanentError(
                    "The provider key that came with this job was erased; send it again.",
                    code="provider_key_gone",
                )

    async def cancel(self, job_id: UUID, user_id: UUID | None) -> Cancelled:
        """Cancels a user's job: a pending one at once, a running one through its heartbeat."""
        return await self._call(
            "cancel_plan_job", answers.CANCELLED, p_job_id=job_id, p_user_id=user_id
        )

    async def retry(
        self, job_id: UUID, user_id: UUID | None, provider_key: SecretStr | None = None
    ) -> Retried:
        """Runs a user's failed or cancelled job again.

        It is held to the limits of a new one. One that had brought a provider key needs it again,
        for it was erased at the end.

        Raises:
            EnqueueRateLimitedError: the user may not have one more of this type yet.
            MonthlyCostReachedError: the user's budget for this type is spent.
            ProviderKeyNotAllowedError: jobs of this type take no key of the user's.
            ProviderKeysNotOfferedError: this server has nothing to encrypt it with.
        """
        answer = await self._call(
            "retry_plan_job",
            answers.RETRIED,
            p_job_id=job_id,
            p_user_id=user_id,
            p_provider_key=self._provider_keys.encrypt(provider_key),
        )
        return answers.require_allowed(answer)

    async def get_active(self, user_id: UUID | None, job_type: str) -> Job | None:
        """The user's pending or processing job of a type."""
        return await self._call(
            "get_active_plan_job", answers.JOB, p_user_id=user_id, p_job_type=job_type
        )

    async def get_changed(self, seen: Mapping[UUID, datetime]) -> Changes:
        """Those of these jobs whose `updated_at` is no longer what was seen."""
        return await self._call(
            "get_changed_plan_jobs", answers.CHANGES, patience=WATCH_PATIENCE, p_seen=seen
        )

    async def get(self, job_id: UUID, user_id: UUID | None) -> answers.FoundJob:
        """A user's job; somebody else's is as if it did not exist."""
        return await self._call(
            "get_plan_job", answers.FOUND_JOB, p_job_id=job_id, p_user_id=user_id
        )

    async def get_position(self, job_id: UUID) -> answers.Position | None:
        """Where a job stands and when it will probably be done; None for a job that is gone."""
        return await self._call("plan_job_position", answers.POSITION, p_job_id=job_id)

    async def describe(self) -> QueueDescription:
        """What waits, runs and has lately ended."""
        return await self._call("describe_plan_queue", answers.DESCRIPTION)

    async def check(self) -> QueueHealth:
        """Whether the queue does its work, and if not, why."""
        return await self._call("check_plan_queue", answers.HEALTH)

    async def cleanup(self, *, max_rows: int = 1000) -> int:
        """Deletes finished jobs past their time to live; returns how many."""
        done = await self._call("cleanup_expired_plan_jobs", answers.CLEANED, p_max_rows=max_rows)
        return done.deleted

    async def _settle(self, name: str, ended: Ended) -> list[Settled]:
        with settling(name, ended):
            told = await self._call(
                f"{name}_plan_jobs",
                answers.SETTLED,
                patience=SETTLE_PATIENCE,
                p_jobs=list_ended(ended),
            )
        return order_settled(told, ended)
