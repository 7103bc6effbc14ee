"""A whole scan on one machine: all blocks, kept one by one, and their results in order.

A scan's folder holds ``plan.json`` (what was asked), ``blocks/`` (a file for each block that is done),
and at the end ``results.parquet`` or ``results.csv`` and ``scan.json``.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing import connection
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeward.errors import Nonsense, WouldOverwrite
from homeward.formats.files import make_folder, write_again
from homeward.formats.scanfiles import ResultWriter, ScanSet, account_of, open_set, pairs_in, write_block
from homeward.progress import Tick, silent
from homeward.provenance import canonical_json, provenance
from homeward.scan.blocks import BlockResult, offer, pairs_of, run_block
from homeward.scan.plan import Block, ScanPlan
from homeward.scan.prefilter import none_yet
from homeward.scan.structure import structure

_REMAINS = 1 << 14  # whose best are written together
_TRIES = 3  # times that all processes may be killed without a block being done


def begin(plan: ScanPlan, out: Path, *, resume: bool = False) -> list[Block]:
    """Take a folder for a scan and say which blocks are still to be done.

    Raises
    ------
    WouldOverwrite
        If the folder holds a scan already and ``resume`` is not asked for.
    Nonsense
        If what it holds is another scan: another set, threshold, number or blocks.
    """
    said = {"input": plan.digest, **plan.as_dict(), "blocks": [[*b.rows, *b.slots] for b in plan.blocks]}
    path = out / "plan.json"
    if path.exists():
        if not resume:
            raise WouldOverwrite(f"{out} holds a scan already. Go on with it by --resume, or choose another place.")
        _refuse_another(json.loads(path.read_text(encoding="utf-8")), said, out)
    elif out.exists() and any(one.name != "set" for one in out.iterdir()):
        raise WouldOverwrite(f"{out} is already there. Choose another place, or move it away first.")
    else:
        make_folder(out / "blocks", mode=0o755)
        write_again(path, canonical_json(said).encode())
    return [block for block in plan.blocks if not is_kept(out, block)]


def _refuse_another(before: Any, now: dict[str, Any], out: Path) -> None:
    for name, what in (
        ("input", "of another input: it has changed since"),
        ("threshold", "with another threshold"),
        ("best", "with another number kept for each remains"),
        ("blocks", "in other blocks"),
    ):
        if before.get(name) != json.loads(canonical_json(now))[name]:
            raise Nonsense(f"{out} holds a scan {what}. Begin anew in another place.")


def block_file(out: Path, block: Block) -> Path:
    """Where a block is kept."""
    return out / "blocks" / f"{block.number:08d}.parquet"


def is_kept(out: Path, block: Block) -> bool:
    """Whether a block is done."""
    return block_file(out, block).is_file()


def keep(out: Path, block: Block, result: BlockResult) -> None:
    """Write what a block gave: when this returns it is whole and on the disk."""
    write_block(block_file(out, block), result.pairs, result.account())


def run_and_keep(plan: ScanPlan, block: Block, out: Path) -> int:
    """Run a block and keep it; gives its number."""
    keep(out, block, run_block(plan, block, floors=read_floors(plan, out)))
    return block.number


class Rising:
    """The best pairs of the blocks that are done: what the others must reach.

    Whoever gives out the blocks of a scan for the best of each remains tells it of each that is kept. A scan
    without it has the same result and takes longer.
    """

    def __init__(self, plan: ScanPlan, out: Path) -> None:
        self.plan, self.out = plan, out
        self.best = none_yet(plan.remains, plan.best, plan.threshold)
        for block in plan.blocks:
            if plan.best and is_kept(out, block):
                self._offer(block)

    def kept(self, block: Block) -> None:
        """A block has been kept: raise the floors of those that are still to come."""
        if self.plan.best:
            self._offer(block)
            write_again(_floors_file(self.out), self.best.floors.astype("<f8").tobytes())

    def _offer(self, block: Block) -> None:
        for pairs in pairs_in(block_file(self.out, block)):
            offer(self.best, pairs)


def read_floors(plan: ScanPlan, out: Path) -> npt.NDArray[np.float64] | None:
    """What :class:`Rising` wrote last; None without."""
    path = _floors_file(out)
    return np.fromfile(path, dtype="<f8") if plan.best and path.is_file() else None


def _floors_file(out: Path) -> Path:
    return out / "floors.bin"


def run(plan: ScanPlan, out: Path, blocks: Iterable[Block], *, workers: int | None = None, tick: Tick = silent) -> None:
    """Run and keep blocks on the cores of this machine.

    Parameters
    ----------
    blocks : of :func:`begin`
    workers : processes; all cores if None, this process alone if 1
    tick : told of stage "scanning", in pairs; what it raises stops the scan, and finished blocks stay

    Raises
    ------
    Nonsense
        If a block's process is killed again and again.
    """
    left = list(blocks)
    pairs = {block.number: (block.slots[1] - block.slots[0]) * plan.remains for block in plan.blocks}
    done = plan.pairs - sum(pairs[block.number] for block in left)
    tick("scanning", done, plan.pairs)
    workers = min(workers or os.cpu_count() or 1, max(len(left), 1))
    rising = Rising(plan, out)
    numbers = _in_this_process(plan, out, left) if workers == 1 else _in_processes(plan, out, left, workers)
    with closing(numbers):  # when the tick stops the scan, the blocks that are being run are still finished
        for number in numbers:
            rising.kept(plan.blocks[number])
            done += pairs[number]
            tick("scanning", done, plan.pairs)


def _in_this_process(plan: ScanPlan, out: Path, left: list[Block]) -> Generator[int, None, None]:
    for block in left:
        yield run_and_keep(plan, block, out)


def _in_processes(plan: ScanPlan, out: Path, left: list[Block], workers: int) -> Generator[int, None, None]:
    """Numbers of blocks as they are done; a block whose process was killed is begun again."""
    waiting = {block.number: block for block in left}
    in_vain = 0
    while waiting:
        before = len(waiting)
        try:
            with closing(_one_pool(plan, out, list(waiting.values()), workers)) as numbers:
                for number in numbers:
                    del waiting[number]
                    yield number
        except BrokenProcessPool:
            for number in [n for n, block in waiting.items() if is_kept(out, block)]:
                del waiting[number]
                yield number
        in_vain = in_vain + 1 if len(waiting) == before else 0
        if in_vain == _TRIES:
            raise Nonsense(
                f"The processes of {workers} blocks were killed {_TRIES} times, and none was done: is there memory "
                "enough? Blocks that are done are kept; --resume goes on with fewer --workers."
            )


def _one_pool(plan: ScanPlan, out: Path, left: list[Block], workers: int) -> Generator[int, None, None]:
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_process)
    try:
        todo = iter(left)
        running: set[Future[int]] = set()
        while True:
            for block in todo:
                running.add(pool.submit(run_and_keep, plan, block, out))
                if len(running) >= 2 * workers:
                    break
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin_process() -> None:
    """Leave Ctrl-C to the process that asked: it stops the others between two blocks. And end when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)  # whatever is being written has its name only when it is whole


def collect(
    plan: ScanPlan, out: Path, *, format: Literal["parquet", "csv"] = "parquet", tick: Tick = silent
) -> dict[str, Any]:
    """Put the pairs of all blocks into one table, in the order of the set, and say what the scan was.

    Parameters
    ----------
    tick : told of stage "collecting", in blocks

    Returns
    -------
    dict
        What ``scan.json`` holds: provenance, counts, and ``digest`` of the results, which does not
        depend on blocks, cores or machines.

    Raises
    ------
    Rejected
        If a block is lacking or damaged.
    """
    opened = open_set(plan.path)
    remains_ids = opened.remains_ids()
    accounts, every_person = [], []
    best = none_yet(plan.remains, plan.best, plan.threshold)
    with ResultWriter(out / f"results.{format}") as writer:
        for block in plan.blocks:
            path = block_file(out, block)
            accounts.append(account_of(path))
            persons = _persons(opened, block)
            for pairs in pairs_in(path):
                if plan.best:
                    offer(best, pairs)
                else:
                    writer.add(remains_ids, persons, pairs, block.slots[0])
            if plan.best:
                every_person.append(persons)
            tick("collecting", block.number + 1, len(plan.blocks))
        if every_person:
            persons = pa.concat_arrays(every_person)
            for start in range(0, plan.remains, _REMAINS):
                writer.add(remains_ids, persons, pairs_of(best, start, start + _REMAINS), 0)
    summary = {
        "provenance": provenance("scan", input_digest=plan.digest, parameters=plan.as_dict()).as_dict(),
        "remains": plan.remains,
        "persons": plan.slots,
        "families": plan.families,
        "pairs": plan.pairs,
        "compared": sum(account["compared"] for account in accounts),
        "uninformed": sum(account["uninformed"] for account in accounts),
        "set_aside": [one for account in accounts for one in account["set_aside"]],
        "estimated": [one for account in accounts for one in account["estimated"]],
        "results": writer.count,
        "digest": writer.digest(),
    }
    write_again(out / "scan.json", (json.dumps(summary, ensure_ascii=False, indent=1) + "\n").encode())
    return summary


def _persons(opened: ScanSet, block: Block) -> pa.Array:
    """The identifier of the missing person of each slot of a block."""
    table = opened.families.read(*block.rows, ["family_id", "member_id", "person_id"])
    return table["person_id"].filter(pa.array(structure(table, ()).slot)).combine_chunks()
