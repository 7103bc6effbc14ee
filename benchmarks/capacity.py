"""What a scan of any size costs, worked out from what small ones cost: ``python -m benchmarks.capacity``.

1. ``measure`` runs some blocks on one core of this machine and weighs their files.
2. ``needs`` multiplies. ``docs/how-to/capacity.md`` has the formula in words, and a table that this printed.

Nothing here was run at the sizes of the table: it is arithmetic, and as good as its assumption that each part
of the cost grows in proportion.
"""

from __future__ import annotations

import math
import multiprocessing
import pickle
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import click

from homeward import scan
from homeward.formats.scanfiles import open_set, read_block
from homeward.scan import ScanPlan, _compiled
from homeward.scan.plan import BLOCK
from homeward.scan.remains import read_remains
from homeward.scan.running import block_file
from validation.nation import write_nation

FAMILIES, FEW, MANY = 8_192, 2_000, 1_000_000
LOW, HIGH = 2.0, 6.0  # thresholds: one that keeps much, one that keeps next to nothing
THRESHOLDS = (2, 3, 4, 5, 6, 7, 8, 10)
NODE = 64  # cores of one machine, which reads the remains once
GIVEN_S = 0.002  # seconds that Dask takes to give out a block, with two workers here


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What one of each costs: seconds of one core, and bytes.

    Parameters
    ----------
    process_bytes, process_remains_bytes : peak memory of a process that runs a block, without remains and for each
    command_name_bytes : peak memory of the process that checks a set, for each remains or family
    """

    check_family_s: float
    keep_block_s: float
    check_remains_s: float
    read_remains_s: float
    peel_family_s: float
    sift_pair_s: float
    keep_pair_s: float
    collect_pair_s: float
    family_bytes: float
    remains_bytes: float
    process_bytes: float
    process_remains_bytes: float
    command_name_bytes: float
    block_pair_bytes: float
    sent_pair_bytes: float
    result_pair_bytes: float


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How many pairs reach a threshold.

    Parameters
    ----------
    true : share of pairs that are of one person
    found : share of the others, counted
    false : share of the others, expected by P(LR >= x | unrelated) = E[1 / LR; LR >= x | one person], which holds for
        any likelihood ratio and reaches where none can be counted. It is at most 10 ** -threshold
    """

    true: float
    found: float
    false: float


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a scan needs.

    Parameters
    ----------
    parts : sets into which the remains are cut, so that each process has memory for those of one
    core_hours : in all
    hours : from start to end, with all cores
    alone_hours : of these, in which one process works alone: checking and collecting
    process_bytes : peak memory of one process
    command_bytes : peak memory of the command itself, which checks the set as a whole
    kept_true, kept_false : pairs
    disk_bytes : set, blocks and results
    network_bytes : the set to each node, and results back
    """

    parts: int
    core_hours: float
    hours: float
    alone_hours: float
    process_bytes: float
    command_bytes: float
    kept_true: float
    kept_false: float
    disk_bytes: float
    network_bytes: float


def needs(costs: Costs, reached: Reached, *, remains: float, persons: float, cores: int, memory: float) -> Needs:
    """What a scan needs, every missing person in a family of his own.

    Parameters
    ----------
    memory : bytes for each process, one a core
    """
    parts = max(math.ceil(remains * costs.process_remains_bytes / (memory - costs.process_bytes)), 1)
    blocks = parts * math.ceil(persons / BLOCK)
    busy = min(cores, blocks)
    pairs = remains * persons
    true, false = reached.true * min(remains, persons), reached.false * pairs
    kept = true + false
    shared = (
        parts * persons * costs.peel_family_s
        + pairs * costs.sift_pair_s
        + kept * costs.keep_pair_s
        + busy * remains * costs.read_remains_s
    )
    alone = parts * persons * costs.check_family_s + remains * costs.check_remains_s + kept * costs.collect_pair_s
    rounds = math.ceil(blocks / busy) / (blocks / busy)  # the last round is not full
    computing = max(shared / busy * rounds, blocks * (costs.keep_block_s + GIVEN_S))
    at_rest = persons * costs.family_bytes + remains * costs.remains_bytes
    return Needs(
        parts=parts,
        core_hours=(shared + alone) / 3600,
        hours=(computing + alone) / 3600,
        alone_hours=alone / 3600,
        process_bytes=costs.process_bytes + remains / parts * costs.process_remains_bytes,
        command_bytes=costs.process_bytes + (remains / parts + persons) * costs.command_name_bytes,
        kept_true=true,
        kept_false=false,
        disk_bytes=at_rest + kept * (costs.block_pair_bytes + costs.result_pair_bytes),
        network_bytes=math.ceil(busy / NODE) * remains * costs.remains_bytes
        + parts * persons * costs.family_bytes
        + kept * costs.sent_pair_bytes,
    )


# --- measuring ---


def measure(
    folder: Path, *, families: int = FAMILIES, fewer: int = FEW, more: int = MANY
) -> tuple[Costs, dict[int, Reached]]:
    """Run a few blocks on one core of this machine, of families against fewer remains and against more."""
    few, many = folder / "few", folder / "many"
    write_nation(few, families=families, remains=fewer, seed=1)
    truth = write_nation(many, families=families, remains=more, seed=1)
    check_few, small = _timed(lambda: scan.plan(few, threshold=HIGH))
    check_many, high = _timed(lambda: scan.plan(many, threshold=HIGH))
    low = replace(high, threshold=LOW)
    block = high.blocks[0]
    slots = block.slots[1] - block.slots[0]
    scan.run_block(small, small.blocks[0])  # whatever is compiled or prepared once
    few_s, _ = _timed(lambda: scan.run_block(small, small.blocks[0]))
    reading, _ = _timed(lambda: read_remains(open_set(many)))
    scan.run_block(high, block)
    many_s, found = _timed(lambda: scan.run_block(high, block))
    low_s, kept = _timed(lambda: scan.run_block(low, block))
    pair_s = (many_s - few_s) / ((more - fewer) * slots)
    out = folder / "out"
    one = replace(low, blocks=(block,))
    scan.begin(one, out)
    start = time.perf_counter()
    for _ in range(10):
        scan.keep(out, block, found)
    keeping = (time.perf_counter() - start) / 10
    scan.keep(out, block, kept)
    collecting, _ = _timed(lambda: scan.collect(one, out))
    block_few, block_many = (_peak(scan.run_block, of, of.blocks[0]) for of in (small, high))
    plan_few, plan_many = (_peak(scan.plan, path, threshold=HIGH) for path in (few, many))
    remains_s = (check_many - check_few) / (more - fewer)
    costs = Costs(
        check_family_s=max(check_few - fewer * remains_s, 0.0) / families,
        check_remains_s=remains_s,
        keep_block_s=keeping,
        read_remains_s=reading / more,
        peel_family_s=(few_s - fewer * slots * pair_s) / slots,
        sift_pair_s=pair_s,
        keep_pair_s=(low_s - many_s) / (len(kept.pairs) - len(found.pairs)),
        collect_pair_s=collecting / len(kept.pairs),
        family_bytes=(many / "families.parquet").stat().st_size / families,
        remains_bytes=(many / "remains.parquet").stat().st_size / more,
        process_bytes=block_few - fewer * (block_many - block_few) / (more - fewer),
        process_remains_bytes=(block_many - block_few) / (more - fewer),
        command_name_bytes=(plan_many - plan_few) / (more - fewer),
        block_pair_bytes=block_file(out, block).stat().st_size / len(kept.pairs),
        sent_pair_bytes=len(pickle.dumps(kept)) / len(kept.pairs),
        result_pair_bytes=(out / "results.parquet").stat().st_size / len(kept.pairs),
    )
    return costs, _reached(one, out, truth)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of this core that work took, other work beside not counted."""
    start = time.thread_time()
    result = work()
    return time.thread_time() - start, result


def _peak(work: Callable[..., Any], *given: Any, **asked: Any) -> float:
    """Bytes of memory that a process of its own needs at the most for some work."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        pool.submit(work, *given, **asked).result()
        return pool.submit(_peak_here).result()


def _peak_here() -> float:
    """As Linux tells it; what the system calls ``ru_maxrss`` would be that of whoever started this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024.0 * int(status.split("VmHWM:")[1].split()[0])


def _reached(plan: ScanPlan, out: Path, truth: Any) -> dict[int, Reached]:
    """Shares of true and of other pairs of a block that reach each threshold."""
    block = plan.blocks[0]
    pairs, account = read_block(block_file(out, block))
    true = truth[pairs.remains] == pairs.slots
    own = int(((truth >= block.slots[0]) & (truth < block.slots[1])).sum())
    others = account["compared"] - own
    return {threshold: _at(threshold, pairs.log10_lr, true, own, others) for threshold in THRESHOLDS}


def _at(threshold: float, log10_lr: Any, true: Any, own: int, others: int) -> Reached:
    """Of ``own`` true pairs and ``others``; those that are not listed reach no threshold."""
    reach = log10_lr >= threshold
    return Reached(
        true=int((true & reach).sum()) / own,
        found=int((~true & reach).sum()) / others,
        false=float((10.0 ** -log10_lr[true & reach]).sum()) / own,
    )


# --- telling ---

SIZES = ((10_000, 10_000, 4), (1_000_000, 1_000_000, 6), (10_000_000, 10_000_000, 8), (100_000_000, 100_000_000, 10))
MACHINES = (2, 64, 10_000)
MEMORY = 4e9  # bytes for each process
COLUMNS = (
    "remains x missing",
    "threshold",
    "cores",
    "parts",
    "core-hours",
    "hours",
    "of these alone",
    "memory of a process",
    "of the command",
    "disk",
    "network",
    "true pairs kept",
    "false pairs kept",
)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def table(costs: Costs, reached: dict[int, Reached]) -> Iterator[str]:
    """The first table of ``docs/how-to/capacity.md``."""
    yield _row(COLUMNS)
    yield "|" + "---|" * len(COLUMNS)
    for remains, persons, threshold in SIZES:
        for cores in MACHINES:
            of = needs(costs, reached[threshold], remains=remains, persons=persons, cores=cores, memory=MEMORY)
            network = _bytes(of.network_bytes) if cores > NODE else "none"
            yield _row(
                (
                    *(f"{remains:,} x {persons:,}", str(threshold), f"{cores:,}", str(of.parts)),
                    *(_number(of.core_hours), _number(of.hours), _number(of.alone_hours)),
                    *(_bytes(of.process_bytes), _bytes(of.command_bytes), _bytes(of.disk_bytes), network),
                    *(_number(of.kept_true), _number(of.kept_false)),
                )
            )


def table_of_thresholds(reached: dict[int, Reached]) -> Iterator[str]:
    """The second: how many pairs are kept at each threshold."""
    squares = [remains * persons for remains, persons, _ in SIZES[1:]]
    yield _row(
        (
            *("threshold", "true pairs kept", "false, counted", "false, expected", "false, at most"),
            *(f"expected of {pairs:.0e} pairs" for pairs in squares),
        )
    )
    yield "|" + "---|" * (5 + len(squares))
    for threshold, of in reached.items():
        expected = (_number(pairs * of.false) for pairs in squares)
        yield _row(
            (str(threshold), f"{of.true:.1%}", f"{of.found:.1e}", f"{of.false:.1e}", f"1e-{threshold}", *expected)
        )


def _number(value: float) -> str:
    """Two digits, or all of a number below a million.

    >>> _number(0.01234), _number(226.4), _number(12345678.0)
    ('0.012', '226', '1.2e+07')
    """
    return f"{value:,.0f}" if 10 <= value < 1e6 else f"{value:.2g}"


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{_number(count / size)} {unit}"
    return f"{count:.0f} B"


@click.command()
def main() -> None:
    """Measure this machine and print what scans of a nation would need on many like it."""
    with tempfile.TemporaryDirectory() as folder:
        costs, reached = measure(Path(folder))
    click.echo(f"Sieve: {'wide' if _compiled.wide_width() else 'narrow'}, {_compiled.wide_width()} bits")
    for field in fields(costs):
        click.echo(f"{field.name}: {getattr(costs, field.name):.3g}")
    for line in (*table(costs, reached), "", *table_of_thresholds(reached)):
        click.echo(line)


if __name__ == "__main__":
    main()
