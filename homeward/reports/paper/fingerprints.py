"""The sheet on which parties exchange the fingerprints of their keys, face to face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Unpack

from homeward.reports.paper.document import Hand, How, Paper, Part, Tongues, facts, set_as, signatures, tongues_of
from homeward.seals.keys import grouped
from homeward.seals.statement import Statement


class Known(Protocol):
    """Whose key it is: a :class:`homeward.seals.keys.PublicKey` will do."""

    @property
    def party(self) -> str:
        """Code of the party."""

    @property
    def name(self) -> str:
        """The person or office that holds the key."""

    @property
    def role(self) -> str:
        """``party`` or ``installation``."""

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A fingerprint as a session's minutes name it."""

    party: str
    fingerprint: str
    name: str = ""
    role: str = "party"


def fingerprints_of(session: Statement) -> tuple[Fingerprint, ...]:
    """The fingerprints that stand in the minutes of a session."""
    return tuple(Fingerprint(one["party"], one["fingerprint"]) for one in session.body["fingerprints"])


def fingerprints_pdf(
    keys: Sequence[Known],
    *,
    programme: str,
    session: str,
    at: datetime,
    place: str = "",
    zone: str = "",
    digest: str = "",
    **how: Unpack[How],
) -> bytes:
    """Fingerprints in groups of four, to be read aloud, compared and signed.

    Parameters
    ----------
    keys : the keys that are shown, in the order in which they are read
    programme, session, place, zone : for what, at which session, where
    at : when the sheet was made
    digest : of the session's statement, where there is one already
    """
    tongues = tongues_of(how)
    rows = [(tongues.said("subject.session"), session), (tongues.field("place"), place) if place else None]
    shown = [_key(key, tongues) for key in keys]
    parties = list(dict.fromkeys(key.party for key in keys))
    hands = [Hand(tongues.party(party)) for party in parties]
    parts: list[Part] = [
        facts(rows),
        {"part": "fingerprints", "keys": shown, "compared": tongues.said("paper.compared")},
        *signatures([*hands, Hand(tongues.said("paper.witness"))], tongues, zone=zone),
    ]
    paper = Paper(
        tongues=tongues,
        title=tongues.said("paper.fingerprints"),
        under={x: f"{said} {session}" for x, said in tongues.said("subject.session").items()},
        leads=[tongues.said("paper.fingerprints_lead")],
        parts=parts,
        at=at,
        head=programme,
        author=programme,
        digest=digest,
    )
    return set_as(paper, how, copies=max(1, len(parties)))


def _key(key: Known, tongues: Tongues) -> Part:
    named = tongues.party(key.party)
    heading = {"row": [key.name + ",", named]} if key.name else named
    role = tongues.said(f"key.role.{key.role}")
    return {"heading": heading, "role": role, "groups": grouped(key.fingerprint).split(" ")}
