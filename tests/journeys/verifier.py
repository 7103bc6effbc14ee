"""The verifier for any browser, opened from a file with every network cut off, for tests and for validation."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homeward.seals.anchors import Anchors
from homeward.seals.page import verifier_page
from homeward.seals.verify import verify
from tests.homeward.seals.mutations import Mutant

AT_ONCE = 50  # bundles handed to the browser in one go
ASK = """async ([bundles, options]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const answers = [];
  for (const [bundle, anchors] of bundles) answers.push(await homewardVerify(bytes(bundle), anchors, options));
  return answers;
}"""

Answer = tuple[str, tuple[tuple[str, str, str, str], ...]]
"""A verdict, and what it rests on: code, file, statement and signature of each fault, in order."""


@contextmanager
def opened(browser: Any, folder: Path, **wanted: Any) -> Iterator[Any]:
    """The page, from a file and offline; a complaint of the browser or a reach for the network is an error."""
    file = folder / "verify.html"
    file.write_bytes(verifier_page())
    complaints: list[str] = []
    context = browser.new_context(offline=True, **wanted)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on("request", lambda request: None if _own(request.url) else complaints.append(request.url))
    page.goto(file.as_uri())
    yield page
    context.close()
    if complaints:
        raise AssertionError(complaints)


def _own(url: str) -> bool:
    return url.startswith(("file:", "blob:file:", "blob:null", "data:"))


def browsers_answers(page: Any, bundles: Sequence[tuple[bytes, bytes | None]], **options: Any) -> list[Answer]:
    """What the page says of bundles, each with the reader's anchors."""
    answers: list[Answer] = []
    for start in range(0, len(bundles), AT_ONCE):
        some = bundles[start : start + AT_ONCE]
        given = [[base64.b64encode(data).decode(), anchors and anchors.decode()] for data, anchors in some]
        for found in page.evaluate(ASK, [given, options]):
            faults = {(one["code"], one["file"], one["statement"], one["signature"]) for one in found["faults"]}
            answers.append((found["verdict"], tuple(sorted(faults))))
    return answers


def pythons_answer(data: bytes, anchors: bytes | None) -> Answer:
    """What the verifier at the command line says of a bundle."""
    report = verify(data, Anchors.read(anchors) if anchors else None)
    faults = {(one.code, one.file, one.statement, one.signature) for one in (*report.faults, *report.unanchored)}
    return report.verdict, tuple(sorted(faults))


def disagreements(
    page: Any, mutants: Sequence[Mutant], **options: Any
) -> tuple[list[tuple[str, Answer, Answer]], list[Answer]]:
    """The mutants on which the two verifiers differ in verdict or in any fault, and what the page says of each.

    Each difference is the mutant's name, the page's answer and the other's.
    """
    theirs = browsers_answers(page, [(one.bundle, one.anchors) for one in mutants], **options)
    ours = [pythons_answer(one.bundle, one.anchors) for one in mutants]
    told = zip(mutants, theirs, ours, strict=True)
    return [(one.name, their, our) for one, their, our in told if their != our], theirs
