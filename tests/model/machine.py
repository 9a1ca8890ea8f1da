"""Drives the functions of the queue and its model side by side, and compares them at each step."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.model.client import Client, name_runs
from tests.model.records import ACTIVE, ENDED, Job, JobType, Request, Run, Settled
from tests.model.reference import Queue
from tests.model.sentences import check_sentences
from tests.model.tables import (
    BEGIN_EARLIER,
    LAPSE,
    read_attempts,
    read_costs,
    read_jobs,
    read_plans,
    start_over,
)
from tests.months import begin_in_a_month_that_lasts

NOBODY = UUID(int=0)
NEVER = NOBODY, NOBODY
USERS = [UUID(int=n) for n in range(1, 4)]
OWNERS = [*USERS, None]  # the last one's jobs are the system's
PROJECTS = [UUID(int=4), UUID(int=5)]
JOB_TYPES = [
    JobType("plain", max_retries=2),
    JobType("one_per_user", dedupe_by="user", max_retries=0),
    JobType("one_per_project", dedupe_by="project", max_crashes=1),
    JobType("few_enqueues", max_enqueues=1, enqueue_window_seconds=3600),
    JobType("few_running", max_running=2),
    JobType("few_starts", max_running=3, starts_per_minute=4),
    JobType("little_money", max_cost_per_user_month=5),
]
TOKENS = 7
NAMES = [job_type.job_type for job_type in JOB_TYPES]

# What an example does next, some of it more often.
_ACTIONS = st.sampled_from(
    [
        *("enqueue", "enqueue", "cancel", "retry", "retry"),
        *("claim", "claim", "claim", "claim_again", "heartbeat", "heartbeat", "save_steps"),
        *("complete", "complete", "fail", "fail", "release"),
        *("let_leases_run_out", "let_leases_run_out", "let_jobs_be_due", "let_jobs_expire"),
        *("let_a_minute_pass", "let_an_hour_pass"),
    ]
)
_REQUESTS = st.builds(
    Request,
    user_id=st.sampled_from(OWNERS),
    job_type=st.sampled_from(NAMES),
    priority=st.sampled_from([5, 5, 7]),
    params=st.sampled_from([{"n": 1}, {"n": 1}, {"n": 2}]),
    project_id=st.sampled_from(PROJECTS),
    idempotency_key=st.sampled_from([None, None, None, "a", "b"]),
)
_LONGEST_WAITS = {"rate_limited": 3600, "cost_limited": 31 * 86400}
_WAITS = st.sampled_from([None, None, timedelta(hours=-1), timedelta(hours=1)])
_MAX_JOBS = st.integers(1, 6)
_JOB_TYPES = st.none() | st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
_MOSTLY = st.sampled_from([True, True, True, False])
_RETRY_AFTER = st.sampled_from([None, 0, 0, 600])


class Machine(RuleBasedStateMachine):
    """One rule does it all: of many, Hypothesis would leave half out of each example, and most
    of what a job can meet takes several of them together.

    No choice depends on made-up ids or on the clock, so that a failure can be repeated.
    """

    def __init__(self, clients: Sequence[Client]) -> None:
        super().__init__()
        self.clients = clients
        self.queue = Queue(JOB_TYPES)
        self.runs: list[Run] = []
        """All that claims ever gave."""
        self.calls = 0
        begin_in_a_month_that_lasts()
        start_over(clients[0], USERS, JOB_TYPES)

    @initialize(requests=st.lists(_REQUESTS, min_size=4, max_size=10), data=st.data())
    def begin(self, requests: list[Request], data: st.DataObject) -> None:
        for request in requests:
            self.ask_for(request, None)
        self.claim(data)

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        getattr(self, data.draw(_ACTIONS, label="action"))(data)

    @invariant()
    def the_tables_are_as_in_the_model(self) -> None:
        client = self.clients[0]
        check_same(read_jobs(client), self.queue.jobs)
        check_same(read_attempts(client), self.queue.attempts)
        check_same(Counter(map(repr, read_plans(client))), Counter(map(repr, self.queue.plans)))
        check_same(Counter(read_costs(client)), Counter(self.queue.costs.values()))
        check_sentences(client.connection)

    # Users

    def enqueue(self, data: st.DataObject) -> None:
        for request in data.draw(st.lists(_REQUESTS, min_size=1, max_size=4)):
            self.ask_for(request, data.draw(_WAITS))

    def ask_for(self, request: Request, wait: timedelta | None) -> None:
        since = datetime.now(UTC)
        outcome, job = self.queue.answer(request)
        answer = self.call(
            "enqueue_plan_job",
            p_run_at=wait and since + wait,
            **{f"p_{name}": value for name, value in vars(request).items()},
        )
        assert answer["outcome"] == outcome
        if outcome in _LONGEST_WAITS:
            assert 1 <= answer["retry_after"] <= _LONGEST_WAITS[outcome]
            return
        job_id, run_at = read_job(answer)
        if job:
            assert job_id == job.id
            return
        low, high = (since + wait,) * 2 if wait else (since, datetime.now(UTC))
        assert low <= run_at <= high
        self.queue.create(job_id, request, run_at)

    def cancel(self, data: st.DataObject) -> None:
        job_id, user_id = self.draw_job(data, ACTIVE)
        answer = self.call("cancel_plan_job", p_job_id=job_id, p_user_id=user_id)
        assert answer["outcome"] == self.queue.cancel(job_id, user_id)

    def retry(self, data: st.DataObject) -> None:
        since = datetime.now(UTC)
        job_id, user_id = self.draw_job(data, ENDED)
        answer = self.call("retry_plan_job", p_job_id=job_id, p_user_id=user_id)
        outcome, job = self.queue.retry(job_id, user_id)
        assert answer["outcome"] == outcome
        if outcome in _LONGEST_WAITS:
            assert 1 <= answer["retry_after"] <= _LONGEST_WAITS[outcome]
        if job:
            answered_id, run_at = read_job(answer)
            assert answered_id == job.id
            if outcome == "retried":
                assert since <= run_at <= datetime.now(UTC)
                job.run_at = run_at

    # Workers

    def claim(self, data: st.DataObject) -> None:
        worker_id = data.draw(st.sampled_from(["worker 1", "worker 2"]))
        self.claim_as(worker_id, UUID(int=1000 + self.calls), data)

    def claim_again(self, data: st.DataObject) -> None:
        _, claim_id = data.draw(st.sampled_from([NEVER, *self.runs]))
        self.claim_as("worker 3", claim_id, data)

    def claim_as(self, worker_id: str, claim_id: UUID, data: st.DataObject) -> None:
        max_jobs, job_types = data.draw(_MAX_JOBS), data.draw(_JOB_TYPES)
        answer = self.call(
            "claim_plan_jobs",
            p_claim_id=claim_id,
            p_worker_id=worker_id,
            p_max_jobs=max_jobs,
            p_job_types=job_types,
        )
        taken = [UUID(told["id"]) for told in answer]
        self.queue.claim(claim_id, worker_id, max_jobs, job_types or NAMES, taken)
        if not self.queue.sweep_is_due:
            self.put_off_the_sweep()
        jobs = [self.queue.jobs[job_id] for job_id in taken]
        assert jobs == sorted(jobs, key=lambda job: (-job.priority, job.turn, job.id))
        for told, job in zip(answer, jobs, strict=True):
            assert UUID(told["claim_id"]) == claim_id
            assert told["job_type"] == job.job_type
            assert told["params"] == job.params
            assert told["retry_count"] == job.retry_count
            assert told["crash_count"] == job.crash_count
        self.runs += [(job_id, claim_id) for job_id in taken]

    def heartbeat(self, data: st.DataObject) -> None:
        runs = self.draw_runs(data)
        sound = {"phase": "work", "percentage": self.calls % 101, "message": "…"}
        progress = data.draw(st.sampled_from([None, sound, {"call": self.calls}, "no object"]))
        answer = self.call("heartbeat_plan_jobs", p_jobs=name_runs(runs, progress=progress))
        told = [
            (UUID(beat["job_id"]), beat["outcome"], beat["cancel_requested"]) for beat in answer
        ]
        assert sorted(told) == sorted(self.queue.heartbeat(runs, progress))

    def save_steps(self, data: st.DataObject) -> None:
        run = self.draw_run(data)
        for name in data.draw(st.lists(st.sampled_from(["outline", "weeks"]), min_size=1)):
            output, tokens = {"call": self.calls}, data.draw(st.integers(1, 3))
            answer = self.call(
                "save_plan_job_step",
                p_job_id=run[0],
                p_claim_id=run[1],
                p_name=name,
                p_output=output,
                p_usage=consume(tokens),
            )
            assert answer["outcome"] == self.queue.save_step(run, name, output, tokens)

    def complete(self, data: st.DataObject) -> None:
        runs, result = self.draw_runs(data), {"call": self.calls}
        plan = data.draw(st.sampled_from([None, result]))
        told = self.settle("complete", runs, result=result, plan=plan, usage=consume(TOKENS))
        self.queue.complete(runs, result, plan, TOKENS)
        assert told == self.recall(runs, "completed", "cancelled")

    def fail(self, data: st.DataObject) -> None:
        since = datetime.now(UTC)
        runs, error = self.draw_runs(data), {"code": "refused", "call": self.calls}
        retryable, retry_after = data.draw(st.booleans()), data.draw(_RETRY_AFTER)
        how = {"retryable": retryable, "retry_after": retry_after}
        told = self.settle("fail", runs, error=error, usage=consume(TOKENS), **how)
        retry_at = {(job_id, claim_id): run_at for job_id, claim_id, _, run_at in told}
        self.queue.fail(runs, error, TOKENS, retryable, retry_after, retry_at, since)
        assert told == self.recall(runs, "retrying", "failed", "cancelled")

    def release(self, data: st.DataObject) -> None:
        runs = self.draw_runs(data)
        told = self.settle("release", runs, usage=consume(TOKENS))
        self.queue.release(runs, TOKENS)
        assert told == self.recall(runs, "released", "cancelled")

    # Time and housekeeping

    def let_leases_run_out(self, data: st.DataObject) -> None:
        overrun = data.draw(st.booleans())
        for job in self.draw_some(data, self.having("processing")):
            job.lapsed = True
            job.overrun = job.overrun or overrun
            self.sql(LAPSE, job.id)
            if overrun:
                self.sql(BEGIN_EARLIER, job.id)
        sweep = data.draw(st.sampled_from(["later", "now", "with the next claim"]))
        if sweep != "later":
            self.sql("update supajobs.sweeps set swept_at = '-infinity', pause = '1 s'")
            self.queue.sweep_is_due = True
        if sweep == "now":
            assert self.call("supajobs.sweep") == self.queue.sweep()
            self.put_off_the_sweep()

    def let_jobs_be_due(self, data: st.DataObject) -> None:
        scheduled = [job for job in self.having("pending") if job.turn is None]
        for job in self.draw_some(data, scheduled):
            job.run_at = datetime.now(UTC)
            self.sql(
                "update plan_generation_jobs set run_at = %s where id = %s", job.run_at, job.id
            )

    def let_jobs_expire(self, data: st.DataObject) -> None:
        for job in self.draw_some(data, self.having(*ENDED)):
            job.expired = True
            self.sql("update plan_generation_jobs set expires_at = now() where id = %s", job.id)
        if data.draw(st.booleans()):
            assert self.call("cleanup_expired_plan_jobs") == {"deleted": self.queue.clean_up()}

    def let_a_minute_pass(self, _: st.DataObject) -> None:
        self.queue.starts.clear()
        self.sql("update supajobs.starts set started_at = started_at - interval '1 minute'")

    def let_an_hour_pass(self, _: st.DataObject) -> None:
        for job in self.queue.jobs.values():
            job.recent = False
            if not job.came_again:
                job.run_at -= timedelta(hours=1)
        self.queue.retries.clear()
        self.sql(
            "update plan_generation_jobs set created_at = created_at - interval '1 hour', "
            "run_at = run_at - case when run_at > created_at then '0' else interval '1 hour' end"
        )
        self.sql("update supajobs.retries set retried_at = retried_at - interval '1 hour'")

    def put_off_the_sweep(self) -> None:
        self.sql("update supajobs.sweeps set swept_at = 'infinity'")

    # Whom and what it is about

    def having(self, *statuses: str) -> list[Job]:
        return [job for job in self.queue.jobs.values() if job.status in statuses]

    def draw_some(self, data: st.DataObject, jobs: list[Job]) -> list[Job]:
        ids = [job.id for job in jobs]
        drawn = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3)) if ids else []
        return [self.queue.jobs[job_id] for job_id in drawn]

    def draw_job(self, data: st.DataObject, statuses: Sequence[str]) -> tuple[UUID, UUID | None]:
        """Mostly a job with such a status, and mostly its owner."""
        jobs = self.having(*(statuses if data.draw(_MOSTLY) else (*ACTIVE, *ENDED)))
        job_id = data.draw(st.sampled_from([job.id for job in jobs] or [NOBODY]))
        job = self.queue.jobs.get(job_id)
        owner_id = job.user_id if job else USERS[0]
        return job_id, owner_id if data.draw(_MOSTLY) else data.draw(st.sampled_from(OWNERS))

    def draw_run(self, data: st.DataObject) -> Run:
        """Mostly a job with the claim that has it or had it last; else what may be stale."""
        running = [job.run for job in self.having("processing")]
        latest = [job.run for job in self.queue.jobs.values() if job.claim_id]
        mixed = [(job_id, claim_id) for job_id, _ in running for _, claim_id in self.runs[-4:]]
        pools = [running, running, latest, self.runs, mixed]
        pool = data.draw(st.sampled_from(pools)) or latest or [NEVER]
        return data.draw(st.sampled_from(pool))

    def draw_runs(self, data: st.DataObject) -> list[Run]:
        return [self.draw_run(data) for _ in range(data.draw(st.integers(1, 4)))]

    # How it is said to the database

    @property
    def client(self) -> Client:
        """Each call is made by another client than the one before."""
        return self.clients[self.calls % len(self.clients)]

    def call(self, function: str, **arguments: Any) -> Any:
        self.calls += 1
        return self.client.call(function, **arguments)

    def sql(self, statement: LiteralString, *values: Any) -> None:
        self.clients[0].execute(statement, *values)

    def settle(self, verb: str, runs: list[Run], **said: Any) -> list[Settled]:
        self.calls += 1
        return sorted(self.client.settle(verb, runs, **said), key=repr)

    def recall(self, runs: list[Run], *outcomes: str) -> list[Settled]:
        return sorted(self.queue.recall(runs, outcomes), key=repr)


def obey_the_model(url: str, profile: settings) -> None:
    """Fails where the functions of this database do what the model does not."""
    with Client.connect(url) as one, Client.connect(url) as two, Client.connect(url) as three:

        class Connected(Machine):
            def __init__(self) -> None:
                super().__init__([one, two, three])

        run_state_machine_as_test(Connected, settings=profile)


def check_same(real: Mapping[Any, Any], modelled: Mapping[Any, Any]) -> None:
    different = [key for key in {*real, *modelled} if real.get(key) != modelled.get(key)]
    assert not different, "\n".join(
        f"{key}:\n  in the table {real.get(key)}\n  in the model {modelled.get(key)}"
        for key in different
    )


def consume(tokens: int) -> dict[str, int]:
    return {"input_tokens": tokens, "cost_usd": tokens}


def read_job(answer: Any) -> tuple[UUID, datetime]:
    return UUID(answer["job"]["id"]), datetime.fromisoformat(answer["job"]["run_at"])
