"""The blocks of a scan on the machines of a Dask cluster.

Homeward reaches a network from here and from nowhere else, and nothing imports this module unless a
scheduler is named.

1. ``Scheduler`` says where the cluster is; an address that anyone on the way could read is refused.
2. Every worker is asked which Homeward it runs, whether it computes the same digits, and whether it sees the
   same set. It is asked again with each block, since a worker may join late.
3. Blocks are given out, a few for each worker. What a block gives comes back to this process, which writes it
   as ``homeward.scan.keep`` does: workers need to read the set and to write nothing.

A worker that is killed, with or without its nanny, costs the blocks it was at: they are run again elsewhere.
A pickled function is a program: whoever reaches a scheduler without TLS runs what he likes on every worker.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import logging
import math
import platform
import secrets
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from distributed import Client, Future, KilledWorker, Security, as_completed
from distributed.comm.core import CommClosedError

import homeward
from homeward.errors import Nonsense, NotFound
from homeward.formats.files import read_file
from homeward.formats.scanfiles import open_set
from homeward.progress import Tick, silent
from homeward.provenance import digest_of_parts
from homeward.scan import Block, BlockResult, Rising, ScanPlan, keep, run_block

AHEAD = 2  # blocks given out for each thread of a worker: one that runs and one that waits
PATIENCE = 60  # seconds until a scheduler must have answered, and a worker be there
MOST_FLOORS = 1 << 20  # bytes sent with each block; more than that costs more than it spares
_TRIES = 3  # times that a block may fail to be read, or that blocks are lost in a row without one being done
_LIBRARIES = ("numpy", "numba", "scipy", "pyarrow")
_SHOWN = 5  # workers named in a refusal
_one_at_a_time = threading.Lock()  # a block uses what its process has prepared, and changes some of it


@dataclass(frozen=True, kw_only=True)
class Scheduler:
    """Where a cluster is, and what shows that we belong to it.

    Parameters
    ----------
    address : "tls://HOST:PORT" or "tcp://HOST:PORT"
    ca, certificate, key : files in PEM; all three with tls, none with tcp
    insecure : accept tcp to another machine

    Raises
    ------
    Nonsense
        If the address is no such address, the files do not go with it, or tcp would leave this machine.
    """

    address: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        protocol, host = _parts(self.address)
        files = [self.ca, self.certificate, self.key]
        if protocol == "tls" and None in files:
            raise Nonsense(f"{self.address} needs --tls-ca, --tls-cert and --tls-key: who may join, and who we are.")
        if protocol == "tcp" and any(files):
            raise Nonsense(f"{self.address} would not use the certificates given. Write tls:// instead of tcp://.")
        if protocol == "tcp" and not (self.insecure or _is_here(host)):
            raise Nonsense(
                f"{self.address} is not encrypted and asks nobody who he is: on the way anyone can read the profiles, "
                "and anyone who reaches it runs programs on its workers. Use tls:// (docs/how-to/scan-tls.md), or "
                "--insecure if nobody else can reach that network."
            )

    @property
    def security(self) -> Security | None:
        if self.ca is None:
            return None
        return Security(
            require_encryption=True,
            tls_ca_file=str(self.ca),
            tls_client_cert=str(self.certificate),
            tls_client_key=str(self.key),
        )


def _parts(address: str) -> tuple[str, str]:
    protocol, _, rest = address.partition("://")
    host, colon, port = rest.rpartition(":")
    if protocol not in ("tls", "tcp") or not (host and colon and port.isascii() and port.isdigit()):
        raise Nonsense(f"{address!r} is no scheduler: write tls://HOST:8786, or the file of --scheduler-file.")
    return protocol, host.strip("[]")


def _is_here(host: str) -> bool:
    """Whether a host is this machine itself, by its name alone: no name server is asked."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def address_in(text: str) -> str:
    """The address that is meant: the text itself, or what the file of ``dask scheduler --scheduler-file`` says.

    Raises
    ------
    Rejected
        If there is no such file.
    Nonsense
        If the file is another.
    """
    if "://" in text:
        return text
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(read_file(Path(text)))["address"])
    raise Nonsense(f"{text} is no file of a Dask scheduler: it names no address.")


def run(
    plan: ScanPlan,
    out: Path,
    blocks: Iterable[Block],
    *,
    scheduler: Scheduler,
    set_on_workers: Path | None = None,
    tick: Tick = silent,
) -> None:
    """Run blocks on a cluster and keep them here, as :func:`homeward.scan.run` does on one machine.

    Parameters
    ----------
    blocks : of :func:`homeward.scan.begin`
    set_on_workers : where the workers see the set, if not at the path at which it is here
    tick : told of stage "scanning", in pairs; what it raises stops the scan: blocks that were given out are
        called back, and finished blocks stay

    Raises
    ------
    NotFound
        If no scheduler answers, it has no workers, or it is lost.
    Nonsense
        If a worker runs another Homeward or sees another set, or workers are killed again and again.
    """
    left = list(blocks)
    rising = Rising(plan, out)
    pairs = {block.number: (block.slots[1] - block.slots[0]) * plan.remains for block in left}
    done = plan.pairs - sum(pairs.values())
    tick("scanning", done, plan.pairs)
    if not left:
        return
    work = _Work(
        replace(plan, path=(set_on_workers or plan.path.resolve()), blocks=()),
        tuple(workplace(plan.path.resolve()).items()),
        rising,
    )
    with _connected(scheduler) as client:
        _refuse_others(client, work)
        with closing(_given_out(client, work, left)) as results:
            for block, result in results:
                keep(out, block, result)
                rising.kept(block)
                done += pairs[block.number]
                tick("scanning", done, plan.pairs)


@contextmanager
def _connected(scheduler: Scheduler) -> Iterator[Client]:
    """A client that has at least one worker. What Dask says of its own troubles is said by a refusal instead."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [log.level for log in logs]
    try:
        for log in logs:
            log.setLevel(logging.CRITICAL)
        with _client(scheduler) as client:
            yield client
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)


@contextmanager
def _client(scheduler: Scheduler) -> Iterator[Client]:
    try:
        client = Client(scheduler.address, security=scheduler.security, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError) as problem:
        raise NotFound(f"No Dask scheduler answers at {scheduler.address}: {problem}.") from None
    try:
        with _lost_is_said():
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise NotFound(f"{scheduler.address} has no worker. Start some with `dask worker`.") from None
            yield client
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=10)


@contextmanager
def _lost_is_said() -> Iterator[None]:
    try:
        yield
    except (CancelledError, CommClosedError):
        raise NotFound("The scheduler is gone. Blocks that are done are kept; --resume goes on.") from None


# --- what a worker must be ---


@lru_cache(maxsize=8)
def workplace(path: Path) -> Mapping[str, str]:
    """What decides the digits of a scan in this process: code, libraries, arithmetic, and the set that it sees."""
    return {
        "version of Homeward": homeward.__version__,
        "code of Homeward": digest_of_parts(Path(homeward.__file__).parent, ["."], {".py", ".csv", ".json", ".toml"}),
        "version of Python": ".".join(platform.python_version_tuple()[:2]),
        **{f"version of {name}": version(name) for name in _LIBRARIES},
        "arithmetic": arithmetic(),
        "set": _seen(path),
    }


def _seen(path: Path) -> str:
    if not path.is_dir():
        return f"no folder {path}"
    return open_set(path).footprint()


def arithmetic() -> str:
    """Digest of some logarithms, powers and products, to the last digit.

    Libraries choose other instructions on other processors. One last digit that differs moves no conclusion,
    but the digest of the results.
    """
    values = np.linspace(0.001, 30.0, 4099)
    square = values[: 64 * 64].reshape(64, 64)
    found = [np.log(values), np.exp(-values), np.log10(values), np.sqrt(values), square @ square.T]
    found.append(np.array([math.log(value) + math.exp(-value) for value in values.tolist()]))
    return hashlib.sha256(b"".join(part.astype("<f8").tobytes() for part in found)).hexdigest()


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """In what two workplaces differ."""
    return [f"{what}: {there.get(what)} instead of {value}" for what, value in here.items() if there.get(what) != value]


@dataclass(frozen=True, eq=False)
class _Work:
    plan: ScanPlan  # as workers need it
    asked: tuple[tuple[str, str], ...]  # their workplace
    rising: Rising

    def floors(self) -> npt.NDArray[np.float64] | None:
        """What a pair must reach, where that is small enough to be sent."""
        floors = self.rising.best.floors
        return floors.copy() if self.plan.best and floors.nbytes <= MOST_FLOORS else None


def _refuse_others(client: Client, work: _Work) -> None:
    """Ask every worker before anything is computed."""
    answers: dict[str, Any] = client.run(workplace, work.plan.path, on_error="return")
    faults = []
    for name, answer in sorted(answers.items()):
        if isinstance(answer, BaseException):
            faults.append(f"{name} cannot answer: {answer!r}")
        elif other := differences(dict(work.asked), answer):
            faults.append(f"{name} has {'; '.join(other)}")
    if faults:
        more = f"\nand {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
        raise Nonsense(
            f"{len(faults):,} of {len(answers):,} workers would not compute the same digits:\n"
            + "\n".join(faults[:_SHOWN])
            + f"{more}\nGive them the same installation, one kind of processor, and the set (--set-on-workers)."
        )


def _block(
    plan: ScanPlan, block: Block, floors: npt.NDArray[np.float64] | None, asked: tuple[tuple[str, str], ...]
) -> BlockResult:
    """What a worker does."""
    with _one_at_a_time:
        other = differences(dict(asked), workplace(plan.path))
        if other:
            raise Nonsense(f"A worker that joined has {'; '.join(other)}. Blocks that are done are kept.")
        return run_block(plan, block, floors=floors)


# --- giving out ---


def _given_out(client: Client, work: _Work, left: list[Block]) -> Generator[tuple[Block, BlockResult], None, None]:
    """Blocks with what they gave, in the order in which they are done."""
    todo = iter(left)
    running: dict[Future[Any], Block] = {}
    finished = as_completed(loop=client.loop)
    tries = _Tries()

    def give(block: Block) -> None:
        key = f"block-{block.number}-{secrets.token_hex(8)}"  # a name of its own: a scheduler may be shared
        future = client.submit(_block, work.plan, block, work.floors(), work.asked, pure=False, key=key)
        running[future] = block
        finished.add(future)

    try:
        while True:
            for block in islice(todo, max(_places(client) - len(running), 0)):
                give(block)
            if not running:
                return
            future = next(finished)
            block = running.pop(future)
            result = tries.result(future, block)
            if result is None:
                give(block)
            else:
                yield block, result
    finally:
        with suppress(OSError, TimeoutError):
            client.cancel(list(running), force=True)


def _places(client: Client) -> int:
    """How many blocks may be out: with no worker left, as many as wait for one."""
    threads: dict[str, int] = client.nthreads()
    return AHEAD * max(sum(threads.values()), 1)


class _Tries:
    """What became of blocks, and when to give up."""

    def __init__(self) -> None:
        self.unread: dict[int, int] = {}  # block -> times that it could not be read
        self.lost = 0  # blocks lost in a row

    def result(self, future: Future[Any], block: Block) -> BlockResult | None:
        """What a block gave; None if it must be given out again.

        Raises
        ------
        CancelledError, CommClosedError
            If the scheduler forgot it, or is gone.
        Nonsense
            If it was given out often enough.
        """
        try:
            result: BlockResult = future.result()
        except CommClosedError:
            raise
        except KilledWorker:
            self._lost(block)
            return None
        except OSError as problem:
            self._unread(block, problem)
            return None
        self.lost = 0
        return result

    def _lost(self, block: Block) -> None:
        self.lost += 1
        if self.lost >= _TRIES:
            raise Nonsense(
                f"{_TRIES} blocks in a row were lost with every worker they were given to, the last of them number "
                f"{block.number}: is there memory enough? Blocks that are done are kept; --resume goes on."
            ) from None

    def _unread(self, block: Block, problem: OSError) -> None:
        self.unread[block.number] = self.unread.get(block.number, 0) + 1
        if self.unread[block.number] >= _TRIES:
            raise Nonsense(
                f"Workers could not read block {block.number} {_TRIES} times: {problem}. Blocks that are done are "
                "kept; --resume goes on."
            ) from None
