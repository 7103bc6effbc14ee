"""Fuzz one importer, guided by what of it a case reaches: ``python -m tests.fuzz IMPORTER --seconds 3600``.

Cases that reach something new are kept under var/fuzz/IMPORTER and begin the next run. A case that breaks the law is
written beside them and named at the end; it belongs into tests/fuzz/corpus or a test, and its fault is mended.
Needs atheris (Linux, x86-64, Python below 3.14).
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["homeward.formats.laboratory", "homeward.genetics.lineage"]):
    from tests.fuzz.importers import CORPUS, holds, importers, seeds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("importer", choices=importers())
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--seconds", type=int, help="how long")
    length.add_argument("--runs", type=int, help="or how many cases")
    parser.add_argument("--keep", type=Path, help="where new cases are kept; var/fuzz/IMPORTER if not stated")
    parser.add_argument("--seed", type=int, default=1, help="of the random cases")
    wanted = parser.parse_args()
    keep = wanted.keep or CORPUS.parents[2] / "var" / "fuzz" / wanted.importer
    keep.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(wanted.importer)):
        (keep / f"seed-{number}").write_bytes(seed)
    warnings.simplefilter("error")
    end = f"-max_total_time={wanted.seconds}" if wanted.seconds else f"-runs={wanted.runs}"
    told = [end, f"-seed={wanted.seed}", "-max_len=16384", "-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *told, f"-artifact_prefix={keep}/broken-", str(keep)], one_case(wanted.importer))
    atheris.Fuzz()


def one_case(name: str):
    def case(data: bytes) -> None:
        holds(name, data)

    return case


if __name__ == "__main__":
    main()
