"""A flow as people see it in a terminal: each job once, under one that it waits for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from rich.text import Text
from rich.tree import Tree

from supajobs.cli.job_lines import tell_status
from supajobs.cli.wording import clean
from supajobs.queue.flows import Flow, FlowJob

MAX_LINES = 40  # what is more is counted


def draw_flow(flow: Flow, job_id: UUID) -> Tree:
    """The tree; of a large flow, what is above and below this job first."""
    return _Drawing(flow, job_id).draw()


class _Drawing:
    def __init__(self, flow: Flow, job_id: UUID) -> None:
        self._job_id = job_id
        self._jobs = {job.id: job for job in flow.jobs}
        self._parents: dict[UUID, set[UUID]] = {}  # one that has two names is one
        for edge in flow.edges:
            if {edge.job_id, edge.parent_id} <= self._jobs.keys():
                self._parents.setdefault(edge.job_id, set()).add(edge.parent_id)
        self._above = self._list_above()
        self._below: dict[UUID | None, list[UUID]] = {}
        for each in self._sort(self._jobs):
            parents = self._sort(self._parents.get(each, ()))
            self._below.setdefault(parents[0] if parents else None, []).append(each)

    def draw(self) -> Tree:
        tree = Tree(Text("flow", "bold"), guide_style="dim")
        left = set(self._jobs)
        # A stack, for a chain may be longer than Python's own.
        stack = [(each, tree) for each in reversed(self._below.get(None, []))]
        while stack and len(self._jobs) - len(left) < MAX_LINES:
            job_id, branch = stack.pop()
            left.remove(job_id)
            node = branch.add(self._tell(self._jobs[job_id]))
            stack += [(each, node) for each in reversed(self._below.get(job_id, []))]
        if left:
            counts = Counter(str(self._jobs[each].status) for each in left)
            statuses = ", ".join(f"{count:,} {status}" for status, count in counts.most_common())
            tree.add(Text(f"and {len(left):,} more: {statuses}", "dim"))
        return tree

    def _list_above(self) -> set[UUID]:
        """The job itself, and all that it waits for."""
        above, look_at = set[UUID](), [self._job_id]
        while look_at:
            if (each := look_at.pop()) not in above:
                above.add(each)
                look_at += self._parents.get(each, ())
        return above

    def _sort(self, job_ids: Iterable[UUID]) -> Sequence[UUID]:
        return sorted(job_ids, key=lambda each: (each not in self._above, each))

    def _tell(self, job: FlowJob) -> Text:
        others = len(self._parents.get(job.id, ())) - 1
        also = f", also after {others:,} other{'s' * (others > 1)}" if others > 0 else ""
        return Text.assemble(
            (clean(job.job_type), "bold" if job.id == self._job_id else ""),
            "  ",
            (str(job.id), "dim"),
            "  ",
            tell_status(job.status),
            ", held" if job.is_held else "",
            also,
            "  <- this one" if job.id == self._job_id else "",
        )
