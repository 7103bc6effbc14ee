"""Ten thousand mutations of bundles, none of which may be called valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from homeward.seals.anchors import Anchors
from homeward.seals.report import Report
from homeward.seals.verify import verify
from tests.homeward.seals.mutations import MUTATIONS, Mutant, exchanged_bundles, mutants
from validation.parts import Part

COUNT, SEED = 10_000, 20180727


def answered(mutant: Mutant) -> Report:
    """What the verifier says of a mutant."""
    return verify(mutant.bundle, Anchors.read(mutant.anchors) if mutant.anchors else None)


def validated(kept: Path) -> dict[str, Any]:
    """Verify all mutants, and the true bundles that they were made from."""
    return tallied(mutants(SEED, COUNT), answered)


def tallied(made: Iterable[Mutant], answer: Callable[[Mutant], Report]) -> dict[str, Any]:
    """How often each answer was given to each kind of mutation, and every wrong one by name."""
    verdicts: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {kind: Counter() for kind in MUTATIONS}
    believed = []
    for number, mutant in enumerate(made):
        report = answer(mutant)
        verdicts[report.verdict] += 1
        kinds[mutant.name.split(", ")[1]][report.verdict] += 1
        codes.update({fault.code for fault in (*report.faults, *report.unanchored)})
        if report.verdict == "valid":
            believed.append(f"{number}: {mutant.name}")
    true = [verify(sent.data, sent.anchors).verdict for sent in exchanged_bundles()]
    return {
        "holds": not believed and set(true) == {"valid"} and all(kinds.values()),
        "seed": SEED,
        "mutants": sum(verdicts.values()),
        "verdicts": dict(sorted(verdicts.items())),
        "called valid": believed,
        "bundles they were made from": true,
        "codes": dict(sorted(codes.items())),
        "kinds": {kind: dict(sorted(counted.items())) for kind, counted in sorted(kinds.items())},
    }


PART = Part(
    name="mutations",
    claim=f"Of {COUNT:,} mutations of bundles, logs and envelopes none is called valid.",
    covers=(
        "homeward/errors.py",
        "homeward/provenance.py",
        "homeward/seals",
        "tests/homeward/seals/bodies.py",
        "tests/homeward/seals/mutations.py",
        "tests/homeward/seals/world.py",
        "validation/mutations.py",
    ),
    run=validated,
)
