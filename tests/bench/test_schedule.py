"""Who works on what: one pool after another, and the longest first."""

from __future__ import annotations

from autoal.bench.cell import Cell
from autoal.bench.engine import Job
from autoal.bench.schedule import Schedule
from autoal.tasks import Budget


def jobs(*names: str, seed: int = 0) -> list[Job]:
    return [Job(Cell("digits", {"name": name}, seed, Budget(10, 10, 1))) for name in names]


def test_workers_begin_with_different_pools_and_stay_there() -> None:
    schedule = Schedule([*jobs("a", "b", seed=0), *jobs("a", "b", seed=1)])
    first, second = schedule.next(), schedule.next()
    assert first is not None
    assert second is not None
    assert (first.cell.seed, second.cell.seed) == (0, 1)
    following = schedule.next(second.pool)
    assert following is not None
    assert following.cell.key == ("digits", "b", 1)


def test_a_worker_whose_pool_is_done_helps_where_most_is_left() -> None:
    schedule = Schedule([*jobs("a", seed=0), *jobs("a", "b", seed=1), *jobs("a", "b", "c", "d", seed=2)])
    pools = [job.pool for job in (schedule.next(), schedule.next(), schedule.next()) if job]
    job = schedule.next(pools[0])
    assert job is not None
    assert job.cell.seed == 2


def test_what_is_not_known_comes_first_and_then_the_longest() -> None:
    schedule = Schedule(jobs("quick", "slow", "new", "newer"))
    schedule.learn("quick", 1.0)
    schedule.learn("slow", 5.0)
    names = []
    while job := schedule.next():
        names.append(job.cell.label)
    assert names == ["new", "newer", "slow", "quick"]
