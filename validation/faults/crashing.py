"""Kill a process at the n-th change of anything under a folder, or take the power from it; look at what is left.

The killing is done by ``crash.c``, preloaded into ``runner.py``. Linux with a C compiler.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("crash.c")
MODES = ("kill", "torn", "power", "some")


@dataclass(frozen=True, slots=True)
class Change:
    """One change that was reached: its number from 1, its kind (write, sync, create, ...), the file."""

    number: int
    kind: str
    file: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Parameters
    ----------
    died : whether it was killed
    ended : exit status, or the signal's number, negative
    said : everything on standard output and standard error
    changes : those it reached, the one it died before included
    """

    died: bool
    ended: int
    said: str
    changes: tuple[Change, ...]


def compiler() -> str | None:
    """A C compiler, where this can be done at all."""
    return next(filter(None, map(shutil.which, ("gcc", "cc", "clang"))), None) if sys.platform == "linux" else None


def shim() -> Path:
    """The shared object, compiled if this source was not compiled before."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    made = ROOT / ".cache" / "faults" / f"crash-{digest}.so"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        found = compiler()
        if found is None:
            raise RuntimeError("no C compiler: gcc, cc or clang")
        half_done = made.with_suffix(f".{os.getpid()}.part")
        options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([found, *options, "-o", half_done, SOURCE, "-ldl", "-lpthread"], check=True)
        half_done.replace(made)
    return made


class Crasher:
    """Runs functions in processes that die when told. Use as a context manager."""

    def __init__(self, preloaded: Sequence[str], environment: Mapping[str, str] = {}) -> None:
        self._aside = Path(tempfile.mkdtemp(prefix="crash-aside-"))
        self._runner = subprocess.Popen(
            [sys.executable, "-m", "validation.faults.runner", *preloaded],
            cwd=ROOT,
            env={**os.environ, **environment, "LD_PRELOAD": str(shim())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._runner.stdin
        assert self._runner.stdout
        self._runner.stdin.close()
        self._runner.wait()
        self._runner.stdout.close()
        shutil.rmtree(self._aside, ignore_errors=True)

    def run(
        self,
        call: str,
        arguments: Sequence[str],
        *,
        under: Path,
        at: int = 0,
        mode: str = "kill",
        seed: int = 0,
        within_s: float = 0,
    ) -> Outcome:
        """Call a function in a process of its own.

        Parameters
        ----------
        call : "module:function", called with the list of arguments
        arguments : what it is given
        under : the folder whose changes are counted; on the file system of the temporary folder
        at : the change before which it is killed; 0: none
        mode : "kill", "torn", "power" or "some": see crash.c
        seed : which of the changes survive, in the mode "some"
        within_s : kill it after this time as well; 0: not
        """
        shutil.rmtree(self._aside)
        (self._aside / "kept").mkdir(parents=True)
        trace = self._aside / "trace"
        environment = {
            "CRASH_UNDER": str(under),
            "CRASH_AT": str(at),
            "CRASH_MODE": mode,
            "CRASH_SEED": str(seed),
            "CRASH_TRACE": str(trace),
            "CRASH_ASIDE": str(self._aside / "kept"),
        }
        order = {"call": call, "arguments": list(arguments), "environment": environment, "within_s": within_s}
        assert self._runner.stdin
        assert self._runner.stdout
        print(json.dumps(order), file=self._runner.stdin, flush=True)
        outcome = json.loads(self._runner.stdout.readline())
        lines = trace.read_text().splitlines() if trace.exists() else []
        changes = tuple(
            Change(int(number), kind, file) for number, kind, file in (line.split(" ", 2) for line in lines)
        )
        return Outcome(outcome["ended"] < 0, outcome["ended"], outcome["said"], changes)
