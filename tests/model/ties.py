"""Drives flows, limits per key and waits at random, and checks what has to hold at each step.

Unlike the machine beside it, it does not know what exactly the queue is to do: it knows what no
job may be, and that each has somebody to wait for.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from psycopg.types.json import Jsonb
from tests.model.client import Client
from tests.model.sentences import check_sentences

USERS = [UUID(int=1), UUID(int=2)]
PROJECTS = [UUID(int=4), UUID(int=5), None]
LIMITS = {
    "free": {},
    "per_user": {"max_running_per_user": 1},
    "per_project": {"max_running_per_project": 1},
    "both": {"max_running_per_user": 2, "max_running_per_project": 1},
}
HOUR = 3600
SEED = 2
"""Of the steps that are the same each time: with it each mutation of the tests is found early."""
_ACTIVE = {"pending", "processing"}
_ENDED = {"completed", "failed", "cancelled"}

_EMPTY = """
    delete from auth.users;
    delete from plan_generation_jobs;
    delete from supajobs.news;
    delete from supajobs.keyed_jobs;
    delete from plan_job_types;
    delete from supajobs.lanes;
    update supajobs.sweeps set swept_at = 'infinity';
"""
_JOBS = """
    select
        job.id, job.user_id, job.project_id, job.job_type, job.status, job.is_held,
        (job.error #>> '{detail, parent_id}')::uuid as lost_parent_id,
        job.status = 'processing'
        or (job.status = 'pending' and job.turn is not null) as is_admitted,
        job.run_at > now() as is_put_off
    from plan_generation_jobs as job
"""
_MODES = st.sampled_from(["cancel", "cancel", "run"])
_ACTIONS = st.sampled_from(
    [
        *("enqueue", "enqueue", "enqueue", "claim", "claim", "claim", "complete", "complete"),
        *("complete", "fail", "cancel", "retry", "suspend", "suspend", "signal", "signal", "wake"),
    ]
)


@dataclass
class Tied:
    """A job, as whoever asked for it, and whoever ran it, has been told."""

    user_id: UUID
    mode: str
    parent_ids: list[UUID]
    status: str = "pending"
    claim_id: UUID | None = None
    waits_for: str | None = None
    told: int | None = None
    was_retried: bool = False
    runs_without: set[UUID] = field(default_factory=set[UUID])


@dataclass
class Row:
    """A job, as the table has it."""

    id: UUID
    user_id: UUID
    project_id: UUID | None
    job_type: str
    status: str
    is_held: bool
    lost_parent_id: UUID | None
    is_admitted: bool
    is_put_off: bool


@dataclass
class Table:
    rows: dict[UUID, Row] = field(default_factory=dict)

    def has_room(self, row: Row) -> bool:
        """Whether one more like this one may run."""
        return self._fits(row, 1)

    def holds_limits(self) -> bool:
        return all(self._fits(row, 0) for row in self.rows.values() if row.is_admitted)

    def _fits(self, row: Row, more: int) -> bool:
        limits = LIMITS[row.job_type]
        alike = [
            other
            for other in self.rows.values()
            if other.is_admitted and other.job_type == row.job_type
        ]
        of_user = sum(other.user_id == row.user_id for other in alike)
        of_project = sum(
            row.project_id is not None and other.project_id == row.project_id for other in alike
        )
        return of_user + more <= limits.get("max_running_per_user", 99) and (
            row.project_id is None or of_project + more <= limits.get("max_running_per_project", 99)
        )


class Ties(RuleBasedStateMachine):
    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.jobs: dict[UUID, Tied] = {}
        self.calls = 0
        client.connection.execute(_EMPTY.encode())
        for user_id in USERS:
            client.insert("auth", "users", {"id": user_id})
        for name, limits in LIMITS.items():
            client.insert(
                "public", "plan_job_types", {"job_type": name, "max_retries": 0, **limits}
            )

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        for _ in range(4):
            self.enqueue(data)

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        getattr(self, data.draw(_ACTIONS, label="action"))(data)

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        self.hear_the_news()
        table = Table({row.id: row for row in self.client.read(Row, _JOBS)})
        assert table.holds_limits()
        for job_id, job in self.jobs.items():
            row = table.rows[job_id]
            parents = [table.rows[parent_id] for parent_id in job.parent_ids]
            if row.lost_parent_id:
                lost = table.rows[row.lost_parent_id]
                assert row.status == "cancelled"
                assert lost.status in {"failed", "cancelled"}, "its parent is there again"
                assert job.mode == "cancel"
                assert lost.id not in job.runs_without, "it was run again without"
                continue
            assert row.status == job.status
            if row.status == "pending":
                assert row.is_put_off == (job.waits_for is not None)
            if row.status == "pending" and not row.is_held and not job.was_retried:
                open_ones = [parent for parent in parents if parent.status in _ACTIVE]
                assert all(self.jobs[parent.id].was_retried for parent in open_ones)
            if row.is_held:
                waits = any(parent.status in _ACTIVE for parent in parents)
                assert waits or not table.has_room(row), f"{job_id} is held for ever"
            if row.status == "pending" and job.mode == "cancel" and not job.was_retried:
                assert not any(parent.status in {"failed", "cancelled"} for parent in parents)
        check_sentences(self.client.connection)

    def hear_the_news(self) -> None:
        """By claims that find nothing to run."""
        for _ in range(3):
            self.claim_of(["none"], 9)

    # Users

    def enqueue(self, data: st.DataObject) -> None:
        user_id = data.draw(st.sampled_from(USERS))
        theirs = [job_id for job_id, job in self.jobs.items() if job.user_id == user_id]
        parent_ids = (
            data.draw(st.lists(st.sampled_from(theirs), max_size=3, unique=True)) if theirs else []
        )
        mode = data.draw(_MODES)
        answer = self.client.call(
            "enqueue_plan_job",
            p_user_id=user_id,
            p_job_type=data.draw(st.sampled_from(list(LIMITS))),
            p_params={},
            p_project_id=data.draw(st.sampled_from(PROJECTS)),
            p_after=Jsonb([str(parent_id) for parent_id in parent_ids]),
            p_on_parent_failure=mode,
        )
        assert answer["outcome"] == "created"
        self.jobs[UUID(answer["job"]["id"])] = Tied(user_id, mode, parent_ids)

    def cancel(self, data: st.DataObject) -> None:
        self.end_lost_ones()
        if job_id := self.draw(data, "pending", "processing"):
            job = self.jobs[job_id]
            answer = self.client.call("cancel_plan_job", p_job_id=job_id, p_user_id=job.user_id)
            if job.status == "pending":
                assert answer["outcome"] == "cancelled"
                job.status, job.waits_for = "cancelled", None

    def retry(self, data: st.DataObject) -> None:
        self.end_lost_ones()
        if job_id := self.draw(data, "failed", "cancelled"):
            job = self.jobs[job_id]
            answer = self.client.call("retry_plan_job", p_job_id=job_id, p_user_id=job.user_id)
            assert answer["outcome"] == "retried"
            job.status, job.was_retried, job.waits_for = "pending", True, None
            parents = {parent_id: self.jobs[parent_id] for parent_id in job.parent_ids}
            job.runs_without |= {
                parent_id
                for parent_id, parent in parents.items()
                if parent.status in {"failed", "cancelled"}
            }
            self.revive()

    def signal(self, data: st.DataObject) -> None:
        self.end_lost_ones()
        if job_id := self.draw(data, "pending", "processing", "completed"):
            job = self.jobs[job_id]
            self.calls += 1
            answer = self.client.call(
                "signal_plan_job",
                p_job_id=job_id,
                p_user_id=job.user_id,
                p_name="approval",
                p_payload=Jsonb(self.calls),
            )
            if job.status == "completed":
                assert answer["outcome"] == "finished"
            elif job.told is not None:
                assert (answer["outcome"], answer["payload"]) == ("existing", job.told)
            else:
                assert answer["outcome"] == "stored"
                job.told = self.calls
                job.waits_for = None if job.waits_for == "approval" else job.waits_for

    # Workers

    def claim(self, data: st.DataObject) -> None:
        self.end_lost_ones()
        for job_id, claim_id in self.claim_of(list(LIMITS), data.draw(st.integers(1, 6))):
            job = self.jobs[job_id]
            assert job.status == "pending"
            assert job.waits_for is None, "its wait is not over"
            parents = [self.jobs[parent_id] for parent_id in job.parent_ids]
            if not job.was_retried and not any(parent.was_retried for parent in parents):
                wanted = {"completed"} if job.mode == "cancel" else {*_ENDED}
                assert {parent.status for parent in parents} <= wanted, "it began too early"
            job.status, job.claim_id = "processing", claim_id
            kept = self.client.call("get_plan_job_steps", p_job_id=job_id, p_claim_id=claim_id)
            assert kept["signals"].get("approval") == job.told

    def claim_of(self, job_types: list[str], max_jobs: int) -> list[tuple[UUID, UUID]]:
        self.calls += 1
        taken = self.client.call(
            "claim_plan_jobs",
            p_claim_id=UUID(int=1000 + self.calls),
            p_worker_id="worker",
            p_max_jobs=max_jobs,
            p_job_types=job_types,
        )
        return [(UUID(job["id"]), UUID(job["claim_id"])) for job in taken]

    def complete(self, data: st.DataObject) -> None:
        self.settle(data, "complete")

    def fail(self, data: st.DataObject) -> None:
        self.settle(data, "fail", error={"code": "no"})

    def settle(self, data: st.DataObject, verb: str, **said: Any) -> None:
        if job_id := self.draw(data, "processing"):
            job = self.jobs[job_id]
            assert job.claim_id
            [(_, _, outcome, _)] = self.client.settle(verb, [(job_id, job.claim_id)], **said)
            assert outcome in _ENDED
            job.status = outcome

    def suspend(self, data: st.DataObject) -> None:
        if job_id := self.draw(data, "processing"):
            job = self.jobs[job_id]
            name = data.draw(st.sampled_from(["nap", "approval", "approval"]))
            kind = "signal" if name == "approval" else "sleep"
            [told] = self.client.call(
                "suspend_plan_jobs",
                p_jobs=[
                    {
                        "job_id": str(job_id),
                        "claim_id": str(job.claim_id),
                        "kind": kind,
                        "name": name,
                        "seconds": HOUR,
                    }
                ],
            )
            job.status = "cancelled" if told["outcome"] == "cancelled" else "pending"
            if job.status == "pending" and not (name == "approval" and job.told is not None):
                job.waits_for = name

    def wake(self, data: st.DataObject) -> None:
        asleep = [job_id for job_id, job in self.jobs.items() if job.waits_for == "nap"]
        if asleep:
            job_id = data.draw(st.sampled_from(asleep))
            self.client.execute(
                "update plan_generation_jobs set run_at = now() where id = %s", job_id
            )
            self.jobs[job_id].waits_for = None

    # What nobody has told the model, and the table has

    def end_lost_ones(self) -> None:
        for row in self.client.read(Row, _JOBS):
            if row.lost_parent_id:
                self.jobs[row.id].status = row.status

    def revive(self) -> None:
        for row in self.client.read(Row, _JOBS):
            job = self.jobs[row.id]
            if (job.status, row.status) == ("cancelled", "pending"):
                job.status = "pending"

    def draw(self, data: st.DataObject, *statuses: str) -> UUID | None:
        some = [job_id for job_id, job in self.jobs.items() if job.status in statuses]
        return data.draw(st.sampled_from(some)) if some else None


def keep_ties(url: str, profile: settings) -> None:
    """Fails where a job is held for ever, begins too early, or runs beyond a limit."""
    with Client.connect(url) as client:

        class Connected(Ties):
            def __init__(self) -> None:
                super().__init__(client)

        few = settings(profile, max_examples=profile.max_examples // 3, stateful_step_count=30)
        if few.derandomize:
            seed(SEED)(Connected)
        run_state_machine_as_test(Connected, settings=few)
