"""How much of everything."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts of jobs, per round where there are rounds."""

    rounds: int
    singles: int
    batched: int
    small_backlog: int
    large_backlog: int
    wal: int
    drained: int
    drain_rounds: int
    paced: int
    snapshot_seconds: float
    lost: int
    polls: int
    clients: int
    request_rounds: int
    request_seconds: float
    watchers: int
    statistics_seconds: float
    """How late a connection that has become idle tells what it did: up to 10 s."""
    idle_seconds: float
    crowd: int
    crowd_seconds: float
    tied: int
    tied_seconds: float
    """How long a job takes of which only so many run at a time."""
    children: int
    sent: int
    page_loads: int


FULL = Sizes(
    rounds=7,
    singles=200,
    batched=1000,
    small_backlog=10_000,
    large_backlog=1_000_000,
    wal=2000,
    drained=20_000,
    drain_rounds=3,
    paced=2000,
    snapshot_seconds=300,
    lost=10_000,
    polls=100,
    clients=50,
    request_rounds=3,
    request_seconds=5,
    watchers=1000,
    statistics_seconds=11,
    idle_seconds=10,
    crowd=200,
    crowd_seconds=60,
    tied=2000,
    tied_seconds=0.25,
    children=1000,
    sent=5000,
    page_loads=9,
)
QUICK = Sizes(
    rounds=1,
    singles=5,
    batched=100,
    small_backlog=200,
    large_backlog=1000,
    wal=100,
    drained=200,
    drain_rounds=1,
    paced=50,
    snapshot_seconds=2,
    lost=200,
    polls=5,
    clients=20,
    request_rounds=1,
    request_seconds=0.2,
    watchers=10,
    statistics_seconds=0,
    idle_seconds=2,
    crowd=5,
    crowd_seconds=2,
    tied=100,
    tied_seconds=0.01,
    children=20,
    sent=50,
    page_loads=1,
)
