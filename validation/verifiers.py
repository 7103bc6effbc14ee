"""Both verifiers on ten thousand mutations: the one at the command line, and the page in a real browser."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from homeward.seals.page import page_digest
from tests.homeward.seals.mutations import Mutant, exchanged_bundles, mutants
from tests.journeys.verifier import browsers_answers, disagreements, opened
from validation.mutations import COUNT, SEED
from validation.parts import Part

WITHOUT_OWN_CRYPTOGRAPHY = 1_000  # of the mutants: again with the Ed25519 that is inside the page
AT_ONCE = 500
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-dev-shm-usage"]


def validated(kept: Path) -> dict[str, Any]:
    """Ask both of every mutant, and of the true bundles that they were made from."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with opened(browser, Path(folder)) as page:
            section = compared(page) | {"browser": f"Chromium {browser.version}", "page": page_digest()}
        browser.close()
    return section


def compared(page: Any) -> dict[str, Any]:
    """On how many the two differ, in verdict or in any fault; and by name those on which they do."""
    differing, verdicts = _compared(page, mutants(SEED, COUNT))
    vendored, _ = _compared(page, islice(mutants(SEED, COUNT), WITHOUT_OWN_CRYPTOGRAPHY), webcrypto=False)
    true = [(sent.data, sent.anchors.to_bytes()) for sent in exchanged_bundles()]
    true_verdicts = [verdict for verdict, _ in browsers_answers(page, true)]
    return {
        "holds": not differing and not vendored and "valid" not in verdicts and set(true_verdicts) == {"valid"},
        "seed": SEED,
        "mutants": sum(verdicts.values()),
        "verdicts of the page": dict(sorted(verdicts.items())),
        "differing": differing,
        "mutants with the page's own Ed25519": WITHOUT_OWN_CRYPTOGRAPHY,
        "differing with the page's own Ed25519": vendored,
        "bundles they were made from": true_verdicts,
    }


def _compared(page: Any, made: Iterable[Mutant], **options: Any) -> tuple[list[str], Counter[str]]:
    differing: list[str] = []
    verdicts: Counter[str] = Counter()
    for some in _in_parts(iter(made)):
        found, answers = disagreements(page, some, **options)
        differing += [f"{name}: {theirs} against {ours}" for name, theirs, ours in found]
        verdicts.update(verdict for verdict, _ in answers)
    return differing, verdicts


def _in_parts(made: Iterator[Mutant]) -> Iterator[list[Mutant]]:
    while some := list(islice(made, AT_ONCE)):
        yield some


PART = Part(
    name="verifiers",
    claim=f"The command line and the page in a browser say the same of {COUNT:,} mutations, fault by fault.",
    covers=(
        "homeward/errors.py",
        "homeward/provenance.py",
        "homeward/seals",
        "tests/homeward/seals/bodies.py",
        "tests/homeward/seals/mutations.py",
        "tests/homeward/seals/world.py",
        "tests/journeys/verifier.py",
        "validation/mutations.py",
        "validation/verifiers.py",
    ),
    run=validated,
)
