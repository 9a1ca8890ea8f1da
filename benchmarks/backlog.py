"""What the rows that lie there do to a claim and its completion."""

from benchmarks.measure import BATCHED, SINGLE, Measure, prepare, run_refilled, take_turns
from benchmarks.rows import vacuum
from benchmarks.server import Server
from benchmarks.sizes import Sizes
from benchmarks.system import BATCH
from benchmarks.systems import floor, install_all, supajobs
from benchmarks.table import Metric, Table


def run(server: Server, sizes: Sizes) -> list[Table]:
    measures: dict[str, Measure] = {
        SINGLE: lambda system: run_refilled(system, sizes.singles, batch=1),
        BATCHED: lambda system: run_refilled(system, sizes.batched, batch=BATCH),
    }
    small, large = sizes.small_backlog, sizes.large_backlog
    with install_all(server) as systems:
        prepare(server, systems, pending=small, finished=0)
        few = take_turns(systems, measures, rounds=sizes.rounds)
        prepare(server, systems, pending=large - small, finished=large)
        many = take_turns(systems, measures, rounds=sizes.rounds)
        [ours] = [system for system in systems if isinstance(system, supajobs.Supajobs)]
        ours.fill_tomorrow(large)
        vacuum(ours.url)
        server.checkpoint()
        beside = [system for system in systems if system.name in {floor.NAME, supajobs.NAME}]
        scheduled = take_turns(beside, measures, rounds=sizes.rounds)
    return [
        Table(
            title=f"Backlog: {name}",
            metrics=[
                Metric(f"{small:,} pending", "µs per job", few[name]),
                Metric(f"{large:,} pending, {large:,} finished", "µs per job", many[name]),
                _compare("slower by", many[name], few[name]),
                _compare(f"{large:,} more tomorrow, slower by", scheduled[name], few[name]),
            ],
            note=(
                "The jobs for tomorrow have the highest priority. Graphile Worker and PgQueuer "
                "delete finished jobs; PgQueuer keeps three rows of a log for each."
            ),
        )
        for name in measures
    ]


def _compare(name: str, after: dict[str, float], before: dict[str, float]) -> Metric:
    ratios = {system: value / before[system] for system, value in after.items()}
    return Metric(name, "×", ratios, compared_to=())
