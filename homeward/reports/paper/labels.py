"""Labels for cases and bags: one on the outside, and its twin inside the bag.

Eight to an A4 sheet, 99.1 by 67.7 mm, the common size of self-adhesive sheets; hairlines for who cuts with scissors.
What is not known is left as a line for the pen. The QR code holds ``homeward:sha256:<digest>#<number>``, and
``#<bag>/<bags>`` for a bag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeward.errors import Nonsense
from homeward.reports.paper.document import BOTH, Tongues
from homeward.reports.paper.typesetting import pdf, qr_svg
from homeward.reports.statement_words import word
from homeward.seals.keys import grouped
from homeward.seals.statement import Statement

_ENTRIES = ("incident", "site", "mission", "unit", "date", "depth")
MOST = 4_000  # labels in one file: five hundred sheets


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label; "" is a line for the pen.

    Parameters
    ----------
    number : of the container or item; never reused
    bag, bags : bag n of N; None for a case
    incident, site, mission, unit, date, depth, description, initials : as the field team writes them
    digest : of the statement that names it, "" before there is one

    Raises
    ------
    Nonsense
        If there is no number, or no such bag.
    """

    number: str
    bag: int | None = None
    bags: int | None = None
    incident: str = ""
    site: str = ""
    mission: str = ""
    unit: str = ""
    date: str = ""
    depth: str = ""
    description: str = ""
    initials: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.number:
            raise Nonsense("A label without a number labels nothing.")
        if (self.bag, self.bags) != (None, None) and not 1 <= (self.bag or 0) <= (self.bags or 0):
            raise Nonsense(f"There is no bag {self.bag} of {self.bags}.")

    @property
    def content(self) -> str:
        """What the QR code holds."""
        bag = f"#{self.bag}/{self.bags}" if self.bags else ""
        return f"homeward:{self.digest}#{self.number}{bag}"


def labels_of(manifest: Statement, **known: str) -> tuple[Label, ...]:
    """The labels of a manifest: one for each case, and one for each of its bags.

    Parameters
    ----------
    known : what all of them share, such as ``mission="..."`` or ``date="2018-07-27"``

    Raises
    ------
    Nonsense
        If the statement is not a manifest.
    """
    if manifest.kind != "manifest":
        raise Nonsense(f"Labels are made from a manifest, not from a {manifest.kind}.")
    return tuple(label for line in manifest.body["lines"] for label in _of_line(line, manifest.digest, known))


def _of_line(line: Mapping[str, Any], digest: str, known: Mapping[str, str]) -> Iterator[Label]:
    told = line["description"]  # where the sender says it is from is a claim, and no site number
    said: dict[str, Any] = {"description": told if isinstance(told, str) else "", **known, "digest": digest}
    yield Label(line["container"], **said)
    for bag in range(1, line["bags"] + 1):
        yield Label(line["container"], bag, line["bags"], **said)


def labels_pdf(
    labels: Sequence[Label], *, at: datetime, programme: str = "", languages: Sequence[str] = BOTH, twins: bool = True
) -> bytes:
    """Sheets of labels.

    Parameters
    ----------
    labels : in the order in which they are printed
    at : when they were made
    twins : whether each label of a bag is followed by its twin for the inside of the bag

    Raises
    ------
    Nonsense
        If there are none, or more than anybody prints at once.
    """
    tongues = Tongues(tuple(languages))
    printed = [one for label in labels for one in _printed(label, tongues, twins)]
    if not 1 <= len(printed) <= MOST:
        raise Nonsense(f"{len(printed):,} labels: print 1 to {MOST:,} at once.")
    title = " / ".join(f"{word('label.case', x)}, {word('label.bag', x)}" for x in tongues.languages)
    data = {"languages": tongues.languages, "labels": printed, "name": title, "author": programme}
    return pdf("labels", data, at=at)


def _printed(label: Label, tongues: Tongues, twins: bool) -> Iterator[dict[str, Any]]:
    places = (["outside", "inside"] if twins else ["outside"]) if label.bags else ["on_case"]
    for place in places:
        yield {
            "kind": tongues.said("label.bag" if label.bags else "label.case"),
            "where": tongues.said(f"label.{place}"),
            "number": label.number,
            "bag": tongues.said("label.bag_of", bag=label.bag, bags=label.bags) if label.bags else None,
            "qr": qr_svg(label.content, error="m"),
            "alt": label.content,
            "entries": [_entry(name, label, tongues) for name in _ENTRIES],
            "description": _entry("description", label, tongues),
            "initials": _entry("initials", label, tongues),
            "digest": grouped(label.digest.removeprefix("sha256:")[:32]) + " …" if label.digest else "",
        }


def _entry(name: str, label: Label, tongues: Tongues) -> dict[str, Any]:
    return {"words": tongues.said(f"label.{name}"), "value": getattr(label, name)}
