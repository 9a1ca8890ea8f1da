"""Flows that are too large to be drawn whole."""

from datetime import UTC, datetime
from uuid import UUID

from rich.console import Console

from supajobs.cli.flow_trees import MAX_LINES, draw_flow
from supajobs.jobs import JobStatus
from supajobs.queue.flows import Flow, FlowEdge, FlowJob

NOW = datetime.now(UTC)


def make_flow(count: int, *edges: tuple[int, int]) -> Flow:
    """Jobs with the ids 0 … count - 1, and for each edge (job, parent)."""
    return Flow(
        jobs=[
            FlowJob(
                id=UUID(int=number),
                job_type="story",
                status=JobStatus.COMPLETED if number else JobStatus.FAILED,
                is_held=False,
                created_at=NOW,
                started_at=None,
                completed_at=None,
            )
            for number in range(count)
        ],
        edges=[
            FlowEdge(
                job_id=UUID(int=job),
                parent_id=UUID(int=parent),
                ref=str(parent),
                on_parent_failure="run",
            )
            for job, parent in edges
        ],
    )


def draw(flow: Flow, job: int) -> list[str]:
    console = Console(width=10_000)
    with console.capture() as captured:
        console.print(draw_flow(flow, UUID(int=job)))
    return captured.get().splitlines()


def test_of_many_the_one_that_was_asked_for_comes_first() -> None:
    fan_out = [(job, 0) for job in range(1, 999)]
    fan_in = [(999, job) for job in range(1, 999)]
    lines = draw(make_flow(1000, *fan_out, *fan_in), 700)
    assert len(lines) == MAX_LINES + 2
    assert str(UUID(int=0)) in lines[1]
    assert lines[2].endswith("<- this one")
    assert str(UUID(int=700)) in lines[2]
    assert lines[3].endswith("completed, also after 997 others")
    assert lines[-1].endswith("and 960 more: 960 completed")


def test_a_chain_may_be_long() -> None:
    lines = draw(make_flow(1000, *[(job, job - 1) for job in range(1, 1000)]), 0)
    assert len(lines) == MAX_LINES + 2
    assert lines[1].endswith("failed  <- this one")


def test_a_parent_of_two_names_is_one() -> None:
    flow = make_flow(2, (1, 0), (1, 0))
    flow.edges[1].ref = "another name"
    lines = draw(flow, 1)
    assert len(lines) == 3
    assert "also after" not in lines[2]
