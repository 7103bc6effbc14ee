"""The full-size claims about seals: ``make validate``, or ``python -m validation.seals [PART ...]``.

To add a part, make it where its subject is and list it here.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from validation.faults.application import PART as APPLICATION
from validation.faults.ledger import PART as LEDGER
from validation.mutations import PART as MUTATIONS
from validation.parts import ROOT, Part, validate
from validation.verifiers import PART as VERIFIERS

RESULT = ROOT / "validation" / "results" / "seals.json"
KEPT = ROOT / "var" / "validation" / "seals"
PARTS: tuple[Part, ...] = (LEDGER, MUTATIONS, VERIFIERS, APPLICATION)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named, or all; exit status 1 if a claim does not hold."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="validation.seals", description="Validate the seals at full size.")
    parser.add_argument("parts", nargs="*", choices=[*names, []], metavar="PART", help=", ".join(names))
    parser.add_argument("--fresh", action="store_true", help="run parts again that have run with this code")
    chosen = parser.parse_args(arguments)
    parts = [part for part in PARTS if not chosen.parts or part.name in chosen.parts]
    return 0 if validate(parts, RESULT, KEPT, fresh=chosen.fresh) else 1


if __name__ == "__main__":
    raise SystemExit(main())
