"""What the queue has to do, said again in Python: no transactions, no indexes, no clock.

Time passes where a test lets it: a lease has lapsed or it has not. What the queue is free to
choose (how long a retry waits, which job type comes first among equals) is taken over from the
database, after a look at whether it was free to.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.model.records import (
    ACTIVE,
    Attempt,
    Cost,
    Job,
    JobType,
    Lane,
    Plan,
    Request,
    Run,
    Settled,
)

WORKER_LOST = {
    "code": "worker_lost",
    "message": "The job was stopped: its workers went silent too many times.",
}


class Queue:
    """The tables, and what each function does to them."""

    def __init__(self, job_types: Iterable[JobType]) -> None:
        self.job_types = {job_type.job_type: job_type for job_type in job_types}
        self.jobs: dict[UUID, Job] = {}
        self.attempts: dict[Run, list[Attempt]] = {}
        """More than one where a late copy of a claim takes a job again."""
        self.plans: list[Plan] = []
        self.costs: dict[tuple[Run, int], Cost] = {}
        """Of the first, the second … attempt of a run."""
        self.entries = defaultdict[Lane, int](int)
        self.starts = defaultdict[str, int](int)
        """Of the last minute."""
        self.sweep_is_due = False
        self.answered: dict[tuple[UUID | None, str], tuple[UUID, tuple[Any, ...]]] = {}
        """Keys that were answered with a job that came with another: that job, and for what."""
        self.retries = Counter[tuple[UUID | None, str]]()

    # Users ask for jobs.

    def answer(self, request: Request) -> tuple[str, Job | None]:
        """Tells what a request is answered with; created: there is no job for it yet."""
        own = [job for job in self.jobs.values() if job.user_id == request.user_id]
        asked = request.job_type, request.params, request.project_id
        key = request.idempotency_key
        for job in own:
            if key and key == job.idempotency_key:
                same = asked == (job.job_type, job.params, job.project_id)
                return "existing" if same else "conflict", job
        if key and (request.user_id, key) in self.answered:
            job_id, first_asked = self.answered[request.user_id, key]
            if job_id in self.jobs:
                return "existing" if asked == first_asked else "conflict", self.jobs[job_id]
        if twin := self._active_twin(request):
            if key:
                self.answered[request.user_id, key] = twin.id, asked
            return "existing", twin
        return self._limit(request) or "created", None

    def _limit(self, wanted: Request | Job) -> str | None:
        """What keeps the user from one more job of this type."""
        whose = wanted.user_id, wanted.job_type
        budget = self.job_types[wanted.job_type].max_cost_per_user_month
        if budget is not None and self._spent(*whose) >= budget:
            return "cost_limited"
        most = self.job_types[wanted.job_type].max_enqueues
        of_type = [job for job in self.jobs.values() if (job.user_id, job.job_type) == whose]
        recent = sum(job.recent for job in of_type) + self.retries[whose]
        return "rate_limited" if most is not None and recent >= most else None

    def create(self, job_id: UUID, request: Request, run_at: datetime) -> None:
        assert job_id not in self.jobs
        job = Job(id=job_id, **vars(request), run_at=run_at)
        job.came_again = not job.is_due
        job.turn = self._next_turn(job) if job.is_due else None
        self.jobs[job_id] = job

    def cancel(self, job_id: UUID, user_id: UUID | None) -> str:
        job = self.jobs.get(job_id)
        if not job or job.user_id != user_id:
            return "not_found"
        match job.status:
            case "pending":
                job.cancel_requested = True
                job.leave("cancelled")
                return "cancelled"
            case "processing":
                job.cancel_requested = True
                return "requested"
            case "cancelled":
                return "cancelled"
            case _:
                return "finished"

    def retry(self, job_id: UUID, user_id: UUID | None) -> tuple[str, Job | None]:
        job = self.jobs.get(job_id)
        if not job or job.user_id != user_id:
            return "not_found", None
        if job.status not in ("failed", "cancelled"):
            return "not_finished", job
        if twin := self._active_twin(job):
            return "existing", twin
        if limit := self._limit(job):
            return limit, None
        if self.job_types[job.job_type].max_enqueues is not None:
            self.retries[job.user_id, job.job_type] += 1
        job.turn = self._next_turn(job)
        job.came_again = True
        job.leave("pending")
        job.retry_count = job.crash_count = 0
        job.cancel_requested = False
        job.error = None
        return "retried", job

    def _spent(self, user_id: UUID | None, job_type: str) -> int:
        """A token is a dollar here."""
        whose = user_id, job_type
        costs = [cost for cost in self.costs.values() if (cost.user_id, cost.job_type) == whose]
        return sum(cost.input_tokens for cost in costs)

    def _active_twin(self, wanted: Request | Job) -> Job | None:
        """The one active job that the dedupe key allows."""

        def key(job: Request | Job) -> tuple[Any, ...]:
            return job.user_id, job.job_type, dedupe_by == "project" and job.project_id

        dedupe_by = self.job_types[wanted.job_type].dedupe_by
        active = [job for job in self.jobs.values() if job.status in ACTIVE]
        twins = [job for job in active if dedupe_by and key(job) == key(wanted)]
        return twins[0] if twins else None

    # Jobs wait for their turn.

    def _waiting(self) -> list[tuple[int, Job]]:
        pending = [job for job in self.jobs.values() if job.status == "pending"]
        return [(job.turn, job) for job in pending if job.turn is not None]

    def _head(self, lane: Lane) -> int:
        """Where jobs come in: at the first that waits, or the last one that a sweep has seen."""
        entry = self.entries[lane]
        turns = [turn for turn, job in self._waiting() if job.lane == lane and turn >= entry]
        return min(turns, default=entry)

    def _next_turn(self, new: Job) -> int:
        """One after the user's last job in the lane, but not before the head of the lane."""
        own = sorted(job.id for job in self.jobs.values() if job.user_id == new.user_id)
        ahead = {job.id: turn for turn, job in self._waiting() if job.lane == new.lane}
        last = [ahead[job_id] for job_id in own[-30:] if job_id in ahead][-1:]
        again = [
            ahead[job_id] for job_id in own if job_id in ahead and self.jobs[job_id].came_again
        ]
        return max([self._head(new.lane), *(turn + 1 for turn in last + again)])

    def _promote(self) -> None:
        scheduled = [job for job in self.jobs.values() if job.status == "pending"]
        due = [job for job in scheduled if job.turn is None and job.is_due]
        turns = {(job.user_id, job.lane): self._next_turn(job) for job in due}
        for job in sorted(due, key=lambda job: (job.run_at, job.id)):
            job.turn = turns[job.user_id, job.lane]
            turns[job.user_id, job.lane] += 1

    # Workers claim them.

    def claim(
        self,
        claim_id: UUID,
        worker_id: str,
        max_jobs: int,
        job_types: Collection[str],
        taken: Collection[UUID],
    ) -> None:
        """Takes these jobs, if a claim may."""
        running = {job.id for job in self.jobs.values() if job.is_held_by(claim_id)}
        if running:
            assert running == set(taken), "a repeated claim answers what it has"
            for job_id in running:
                self.jobs[job_id].lapsed = self.jobs[job_id].overrun
            return
        first = 0
        if not any(self.job_types[name].is_limited for name in job_types):
            first = self._take(claim_id, worker_id, max_jobs, job_types, taken)
        if self.sweep_is_due:
            self.sweep()
        self._promote()
        second = 0
        if first < max_jobs:
            second = self._take(claim_id, worker_id, max_jobs - first, job_types, taken)
        assert first + second == len(taken), "a claim takes only what it may"

    def _take(
        self,
        claim_id: UUID,
        worker_id: str,
        max_jobs: int,
        job_types: Collection[str],
        taken: Collection[UUID],
    ) -> int:
        waiting = [(turn, job) for turn, job in self._waiting() if job.job_type in job_types]
        chosen = [(turn, job) for turn, job in waiting if job.id in taken]
        free = {name: self._quota(name) for name in job_types}
        wanted = Counter(job.job_type for _, job in waiting)
        takeable = sum(min(free[name], count) for name, count in wanted.items())
        assert len(chosen) == min(max_jobs, takeable), "a claim takes all that it may"
        for name, count in Counter(job.job_type for _, job in chosen).items():
            free[name] -= count
            assert free[name] >= 0, "limits hold"
        for turn, job in chosen:
            for other_turn, other in waiting:
                if other.id in taken:
                    continue
                if other.lane == job.lane:
                    assert (turn, job.id) < (other_turn, other.id), "a lane goes in turn"
                elif other.job_type == job.job_type or free[other.job_type]:
                    assert job.priority >= other.priority, "the higher priority goes first"
        for _, job in chosen:
            job.status = "processing"
            job.claim_id = claim_id
            job.worker_id = worker_id
            job.lease_lost = False
            job.tokens = {}
            self.starts[job.job_type] += 1
        return len(chosen)

    def _quota(self, name: str) -> float:
        job_type = self.job_types[name]
        free = float("inf")
        if job_type.max_running is not None:
            running = [job for job in self.jobs.values() if job.status == "processing"]
            free = job_type.max_running - sum(job.job_type == name for job in running)
        if job_type.starts_per_minute is not None:
            free = min(free, job_type.starts_per_minute - self.starts[name])
        return max(0, free)

    def sweep(self) -> int:
        self.sweep_is_due = False
        lapsed = [job for job in self.jobs.values() if job.lapsed]
        for job in lapsed:
            job.crash_count += 1
            job.lease_lost = True
            if job.cancel_requested:
                job.leave("cancelled")
            elif job.crash_count < self.job_types[job.job_type].max_crashes:
                job.leave("pending")
            else:
                job.leave("failed")
                job.error = WORKER_LOST
            spent = sum(job.tokens.values()) or None
            outcome = "cancelled" if job.cancel_requested else "crashed"
            self._record(job, outcome, input_tokens=spent)
        for lane in {job.lane for _, job in self._waiting()}:
            first = min(turn for turn, job in self._waiting() if job.lane == lane)
            self.entries[lane] = max(self.entries[lane], first)
        return len(lapsed)

    # Workers tell how it goes, and how it ended.

    def heartbeat(self, runs: Iterable[Run], progress: Any) -> list[tuple[UUID, str, bool]]:
        answers: list[tuple[UUID, str, bool]] = []
        for job_id, claim_id in runs:
            job = self.jobs.get(job_id)
            if job and job.is_held_by(claim_id) and not job.overrun:
                job.lapsed = False
                job.progress = progress if "percentage" in (progress or ()) else job.progress
                answers.append((job_id, "held", job.cancel_requested))
            elif job and job.claim_id == claim_id and job.status == "cancelled":
                answers.append((job_id, "cancelled", False))
            else:
                answers.append((job_id, "lost", False))
        return answers

    def save_step(self, run: Run, name: str, output: Any, tokens: int) -> str:
        for job in self._held([run]):
            job.steps[name] = output
            job.tokens[name] = tokens
            return "saved"
        return "stale"

    def complete(
        self, runs: Iterable[Run], result: Any, plan: Mapping[str, Any] | None, tokens: int
    ) -> None:
        for job_id, claim_id in runs:
            job = self.jobs.get(job_id)
            if not job or not job.may_be_completed_by(claim_id):
                continue
            if job.status != "processing":
                self.attempts[job_id, claim_id].pop()  # the sweep had ended it
            job.leave("cancelled" if job.cancel_requested else "completed")
            job.lease_lost = False
            job.error = None
            self._record(job, job.status, input_tokens=tokens)
            if job.status == "completed":
                job.result = result
                job.steps = {}
                if plan is not None:
                    self.plans.append(Plan(job.user_id, job.id, plan))
        self._charge_lost(runs, tokens)

    def fail(
        self,
        runs: Iterable[Run],
        error: Any,
        tokens: int,
        retryable: bool,  # noqa: FBT001 - as in the call
        retry_after: float | None,
        retry_at: Mapping[Run, datetime | None],
        since: datetime,
    ) -> None:
        """Ends the attempts; each retry was asked for at `since` and answered with its time."""
        for job in self._held(runs):
            job_type = self.job_types[job.job_type]
            if job.cancel_requested:
                job.leave("cancelled")
                job.error = None
                self._record(job, "cancelled", error=error, input_tokens=tokens)
            elif retryable and job.retry_count < job_type.max_retries:
                run_at = retry_at[job.run]
                assert run_at
                wait = job_type.backoff_base_seconds * 2**job.retry_count
                wait = min(wait, job_type.backoff_cap_seconds)
                low, high = (0, wait) if retry_after is None else (retry_after, retry_after)
                assert since + timedelta(seconds=low) <= run_at
                assert run_at <= datetime.now(UTC) + timedelta(seconds=high)
                job.run_at, job.came_again = run_at, True
                job.leave("pending")
                job.retry_count += 1
                job.error = error
                attempt = {"error": error, "input_tokens": tokens, "retry_at": job.run_at}
                self._record(job, "retrying", **attempt)
            else:
                job.leave("failed")
                job.error = error
                self._record(job, "failed", error=error, input_tokens=tokens)
            job.turn = None
        self._charge_lost(runs, tokens)

    def release(self, runs: Iterable[Run], tokens: int) -> None:
        for job in self._held(runs):
            assert job.turn is not None
            job.turn = max(job.turn, self.entries[job.lane])
            job.leave("cancelled" if job.cancel_requested else "pending")
            outcome = "cancelled" if job.cancel_requested else "released"
            self._record(job, outcome, input_tokens=tokens)
        self._charge_lost(runs, tokens)

    def recall(self, runs: Iterable[Run], outcomes: Collection[str]) -> list[Settled]:
        """What a settle answers once it is done, the first time and each time it is repeated."""
        answers: list[Settled] = []
        for job_id, claim_id in runs:
            ended = self.attempts.get((job_id, claim_id), [])
            same = [attempt for attempt in ended if attempt.outcome in outcomes]
            outcome, retry_at = (same[-1].outcome, same[-1].retry_at) if same else ("stale", None)
            answers.append((job_id, claim_id, outcome, retry_at))
        return answers

    def _charge_lost(self, runs: Iterable[Run], tokens: int) -> None:
        """What attempts have spent that were taken from their workers."""
        for run in runs:
            attempts = self.attempts.get(run, [])
            if attempts and attempts[-1].outcome in ("crashed", "cancelled"):
                attempts[-1] = replace(attempts[-1], input_tokens=tokens)
                job = self.jobs[run[0]]
                self.costs[run, len(attempts)] = Cost(job.user_id, job.job_type, tokens)

    def _held(self, runs: Iterable[Run]) -> Iterator[Job]:
        for job_id, claim_id in runs:
            job = self.jobs.get(job_id)
            if job and job.is_held_by(claim_id):
                yield job

    def _record(self, job: Job, outcome: str, **ending: Any) -> None:
        job_id, claim_id = run = job.run
        attempt = Attempt(job_id, claim_id, job.worker_id, outcome, **ending)
        attempts = self.attempts.setdefault(run, [])
        attempts.append(attempt)
        if attempt.input_tokens:
            cost = Cost(job.user_id, job.job_type, attempt.input_tokens)
            self.costs[run, len(attempts)] = cost

    # The queue forgets.

    def clean_up(self) -> int:
        gone = {job.id for job in self.jobs.values() if job.expired}
        self.jobs = {job_id: job for job_id, job in self.jobs.items() if job_id not in gone}
        self.attempts = {run: end for run, end in self.attempts.items() if run[0] not in gone}
        self.plans = [
            replace(plan, job_id=None) if plan.job_id in gone else plan for plan in self.plans
        ]
        return len(gone)
