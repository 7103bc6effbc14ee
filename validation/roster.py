"""A nation's missing against ten thousand remains, identified within 8 GB: ``python -m validation.roster``.

Some forty minutes on one core, so that it vouches for the code alone that decides what is held at a time.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.joint import measured
from validation.parts import ROOT, Part, validate

RESULT = ROOT / "validation" / "results" / "roster.json"
KEPT = ROOT / "var" / "validation" / "roster"
COVERS = ("homeward/identification/wide.py", "homeward/identification/sparse.py", "validation/roster.py")
PERSONS, REMAINS, MEGABYTES = 80_000, 10_000, 8_000


def nation(folder: Path) -> dict[str, Any]:
    """From the records to the answer, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(measured, PERSONS, REMAINS).result()
    return {**asdict(found), "holds": found.megabytes <= MEGABYTES}


PARTS: tuple[Part, ...] = (Part("within_memory", "80,000 missing against 10,000 remains within 8 GB.", COVERS, nation),)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; exit status 1 if the claim does not hold."""
    parser = argparse.ArgumentParser(prog="validation.roster", description="Validate what a nation's roster needs.")
    parser.add_argument("--fresh", action="store_true", help="run it again though it has run with this code")
    chosen = parser.parse_args(arguments)
    return 0 if validate(PARTS, RESULT, KEPT, fresh=chosen.fresh) else 1


if __name__ == "__main__":
    raise SystemExit(main())
