"""Statements: what one party says, or several say together, serialised once.

A statement is made from values (:func:`make_statement`) or read from its bytes (:func:`read_statement`); both go
through everything and refuse it with every fault at once. Its bytes are what is signed, stored and verified; nothing
is ever serialised anew to be verified. Personal fields travel as salted commitments, opened to whoever should know.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from homeward.errors import Fault, NotCanonical, Rejected
from homeward.seals.bodies import BODIES, KINDS, contradictions, needs_two, wanted_signers
from homeward.seals.canonical import canonical, read_base64, read_canonical, write_base64
from homeward.seals.shapes import (
    DIGEST,
    FINGERPRINT,
    PARTY,
    AnObject,
    Anything,
    ListOf,
    OneOf,
    Record,
    Text,
    Written,
    fault,
    pointed_at,
)

__all__ = [
    "KINDS",
    "Opening",
    "Openings",
    "Signer",
    "Statement",
    "body_faults",
    "commit",
    "make_statement",
    "read_frame",
    "read_openings",
    "read_statement",
]

SCHEMA = "homeward/statement/1"
OPENINGS_SCHEMA = "homeward/openings/1"
AUTHOR, COUNTERSIGNER, WITNESS = "author", "countersigner", "witness"
ROLES = (AUTHOR, COUNTERSIGNER, WITNESS)
SALT_BYTES = 32

_ROLES_FOR = {"author": (AUTHOR,), "party": (AUTHOR, COUNTERSIGNER), "witness": (WITNESS, COUNTERSIGNER)}
_AS_WHAT = {"author": "the author", "party": "author or countersigner", "witness": "witness"}
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)
_SUBJECT = re.compile(r"[a-z]+:.+", re.DOTALL)

_FRAME = Record(
    {
        "schema": OneOf((SCHEMA,)),
        "kind": OneOf(KINDS),
        "programme": Written("the name of a programme", bool, "Write it as both parties do."),
        "subject": Written("a subject", lambda text: bool(_SUBJECT.fullmatch(text)), "Write transfer:T-2018-01."),
        "made_at": Written("a time of UTC", lambda text: bool(_UTC.fullmatch(text)), "Write 2018-07-27T01:40:00Z."),
        "made_local": Written(
            "a time with its offset", lambda text: bool(_LOCAL.fullmatch(text)), "Write 2018-07-27T10:40:00+09:00."
        ),
        "zone": Written("the name of a zone", bool, "Write one like Asia/Seoul."),
        "place": Text(),
        "author": Record({"name": Text(), "office": Text(), "party": PARTY}),
        "signers": ListOf(Record({"as": OneOf(ROLES), "key": FINGERPRINT.or_empty(), "party": PARTY}), least=1),
        "follows": ListOf(DIGEST),
        "body": AnObject(),  # its fields are asked for by kind
    }
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who is to sign: the party's code, the fingerprint of its key ("" on paper), and as what."""

    party: str
    key: str
    role: str

    def to_json(self) -> dict[str, str]:
        return {"as": self.role, "key": self.key, "party": self.party}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and its bytes. Two are the same when their bytes are."""

    payload: bytes
    digest: str
    kind: str = field(compare=False)
    programme: str = field(compare=False)
    subject: str = field(compare=False)
    made_at: str = field(compare=False)
    made_local: str = field(compare=False)
    zone: str = field(compare=False)
    place: str = field(compare=False)
    author: Mapping[str, str] = field(compare=False)
    signers: tuple[Signer, ...] = field(compare=False)
    follows: tuple[str, ...] = field(compare=False)
    body: Mapping[str, Any] = field(compare=False)

    @property
    def by(self) -> str:
        """Code of the party that speaks."""
        return self.author["party"]

    @property
    def parties(self) -> frozenset[str]:
        """Everyone who is to sign it."""
        return frozenset(signer.party for signer in self.signers)

    @property
    def instant(self) -> datetime:
        """When it was made, UTC."""
        return datetime.fromisoformat(self.made_at)

    def signer(self, party: str) -> Signer | None:
        """As what a party is to sign, if it is."""
        return next((signer for signer in self.signers if signer.party == party), None)

    def signer_of(self, key: str) -> Signer | None:
        """Whose key this is among the signers, if it is any."""
        return next((signer for signer in self.signers if key and signer.key == key), None)


def make_statement(
    *,
    kind: str,
    programme: str,
    subject: str,
    made_at: datetime,
    zone: str,
    author: Mapping[str, str],
    signers: Sequence[Signer],
    body: Mapping[str, Any],
    place: str = "",
    follows: Sequence[str] = (),
) -> Statement:
    """Serialise a statement, once.

    Parameters
    ----------
    kind : one of :data:`KINDS`
    programme : the programme's name, as both parties write it
    subject : what it is about, ``transfer:T-2018-01``
    made_at : when it was made, aware of its zone; fractions of a second are dropped
    zone : where it was made, a name of the zone database; the local time is computed from it
    author : name, office and party of who speaks
    signers : who is to sign, the author first
    body : what it says, by kind (``docs/methods/seals.md`` section 4)
    place : where it was made, as text
    follows : digests of the statements it rests on, in any order

    Raises
    ------
    Rejected
        With every fault: in the column its path, in the value what stood there.
    """
    here = _zone(zone)
    faults = []
    if made_at.tzinfo is None:
        faults.append(fault("/made_at", str(made_at), "has no zone.", "Give an instant, not a wall clock."))
    if here is None:
        faults.append(_no_such_zone(zone))
    if faults:  # the rest is still looked at, with a time that can be written
        made_at, here = datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC")
    instant = made_at.replace(microsecond=0)
    value = {
        "schema": SCHEMA,
        "kind": kind,
        "programme": programme,
        "subject": subject,
        "made_at": f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z",
        "made_local": instant.astimezone(here).isoformat(),
        "zone": zone,
        "place": place,
        "author": dict(author),
        "signers": [signer.to_json() for signer in signers],
        "follows": sorted(set(follows)),
        "body": body,
    }
    faults += [found for found in _every_fault(value) if found not in faults]
    if faults:
        raise Rejected(faults)
    try:
        payload = canonical(value)
    except NotCanonical as refused:
        raise Rejected([fault(refused.where, None, refused.reason)]) from None
    return _statement(read_canonical(payload), payload)


def read_statement(payload: bytes) -> Statement:
    """Read a statement and hold it to everything it must be.

    Raises
    ------
    NotCanonical
        If the bytes are not canonical.
    Rejected
        With every fault of its fields, its times, its signers and its body.
    """
    value = read_canonical(payload)
    faults = list(_every_fault(value))
    if faults:
        raise Rejected(faults)
    return _statement(value, payload)


def read_frame(payload: bytes) -> Statement:
    """Read a statement as a verifier does: its fields and their forms; of the body only that it is an object.

    What a party signed, it signed, sensible or not; whether it makes sense is :func:`read_statement`'s question.

    Raises
    ------
    NotCanonical
        If the bytes are not canonical.
    Rejected
        With every fault of the fields.
    """
    value = read_canonical(payload)
    faults = list(_frame_faults(value))
    if faults:
        raise Rejected(faults)
    return _statement(value, payload)


def body_faults(statement: Statement) -> tuple[Fault, ...]:
    """What is wrong with the body, and with who signs it: nothing, unless the statement was only read as a frame."""
    signers = [signer.to_json() for signer in statement.signers]
    return tuple(_body_faults(statement.kind, statement.body, signers))


def commit(value: Any, salt: bytes) -> str:
    """The commitment that stands for a personal value: SHA-256 of the salt and the value's canonical bytes.

    Raises
    ------
    Rejected
        If the salt is not of 32 bytes: a short one could be guessed together with the value.

    Examples
    --------
    >>> commit("M. Oresk", bytes(32))[:23]
    'sha256:4554f5a04a5a03fb'
    """
    if len(salt) != SALT_BYTES:
        reason = f"has {len(salt)} bytes."
        raise Rejected([fault("/salt", None, reason, f"Draw {SALT_BYTES} random bytes for every value.")])
    return "sha256:" + hashlib.sha256(salt + canonical(value)).hexdigest()


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commitment stands for: where in the body it is, the salt, the value."""

    path: str
    salt: bytes
    value: Any


@dataclass(frozen=True, slots=True)
class Openings:
    """Openings of one statement, for who should know."""

    statement: str
    openings: tuple[Opening, ...]

    def to_bytes(self) -> bytes:
        """The openings as they travel."""
        listed = [{"path": one.path, "salt": write_base64(one.salt), "value": one.value} for one in self.openings]
        return canonical({"openings": listed, "schema": OPENINGS_SCHEMA, "statement": self.statement})

    def faults(self, statement: Statement) -> Iterator[Fault]:
        """Every opening that does not open what it says it opens."""
        if self.statement != statement.digest:
            yield fault("/statement", self.statement, f"is not this statement, {statement.digest}.")
            return
        for at, opening in enumerate(self.openings):
            try:
                found = pointed_at(statement.body, opening.path)
            except LookupError:
                yield fault(f"/openings/{at}/path", opening.path, "leads nowhere in the body.")
                continue
            if found != {"commitment": commit(opening.value, opening.salt)}:
                yield fault(f"/openings/{at}", opening.path, "does not give the commitment that stands there.")


def read_openings(data: bytes) -> Openings:
    """Read openings.

    Raises
    ------
    NotCanonical
        If the bytes are not canonical.
    SealBroken
        ``schema`` if a salt's base64 is not, or it has not 32 bytes.
    Rejected
        With every fault of the form.
    """
    value = read_canonical(data)
    faults = list(_OPENINGS.faults(value, ""))
    if faults:
        raise Rejected(faults)
    listed = value["openings"]
    opened = [
        Opening(one["path"], read_base64(one["salt"], f"/openings/{at}/salt", length=SALT_BYTES), one["value"])
        for at, one in enumerate(listed)
    ]
    return Openings(value["statement"], tuple(opened))


_PATH = Written("a path in the body", bool, "Write one like /lines/0/claims/0/text.")  # a blank one leads nowhere
_OPENINGS = Record(
    {
        "openings": ListOf(Record({"path": _PATH, "salt": Text(filled=True), "value": Anything()})),
        "schema": OneOf((OPENINGS_SCHEMA,)),
        "statement": DIGEST,
    }
)


def _statement(value: Mapping[str, Any], payload: bytes) -> Statement:
    return Statement(
        payload=payload,
        digest="sha256:" + hashlib.sha256(payload).hexdigest(),
        kind=value["kind"],
        programme=value["programme"],
        subject=value["subject"],
        made_at=value["made_at"],
        made_local=value["made_local"],
        zone=value["zone"],
        place=value["place"],
        author=value["author"],
        signers=tuple(Signer(one["party"], one["key"], one["as"]) for one in value["signers"]),
        follows=tuple(value["follows"]),
        body=value["body"],
    )


def _every_fault(value: Any) -> Iterator[Fault]:
    """Of the frame, of the times, of the body; what needs a sound frame or body is asked only where it is sound."""
    framed = list(_frame_faults(value))
    yield from framed
    if not isinstance(value, dict):
        return
    yield from _time_faults(value)
    kind = value.get("kind")
    if isinstance(kind, str) and kind in BODIES and "body" in value:
        yield from _body_faults(kind, value["body"], value.get("signers") if not framed else None)


def _frame_faults(value: Any) -> Iterator[Fault]:
    faults = [] if _FRAME.fits(value) else list(_FRAME.faults(value, ""))
    yield from faults
    if not faults:
        yield from _signer_faults(value["author"], value["signers"])
        if value["follows"] != sorted(set(value["follows"])):
            yield fault("/follows", None, "is not sorted, or has a digest twice.", "Sort it; each digest once.")


def _signer_faults(author: Mapping[str, str], signers: Sequence[Mapping[str, str]]) -> Iterator[Fault]:
    if signers[0]["party"] != author["party"]:
        yield fault("/signers/0/party", signers[0]["party"], "is not who speaks.", "The author signs first.")
    for at, signer in enumerate(signers):
        if (signer["as"] == AUTHOR) != (at == 0):
            yield fault(f"/signers/{at}/as", signer["as"], "the first signer, and only he, is the author.")
        if any(signer["party"] == other["party"] for other in signers[:at]):
            yield fault(f"/signers/{at}/party", signer["party"], "signs already.", "Name each party once.")
        if signer["key"] and any(signer["key"] == other["key"] for other in signers[:at]):
            yield fault(f"/signers/{at}/key", signer["key"], "signs already.", "Each party has keys of its own.")


def _time_faults(value: Mapping[str, Any]) -> Iterator[Fault]:
    """The two times are the same instant, and the offset is that of the zone at that instant."""
    made_at, local, zone = _time(value.get("made_at")), _time(value.get("made_local")), value.get("zone")
    for name, instant in (("made_at", made_at), ("made_local", local)):
        if instant is None and isinstance(value.get(name), str) and _LOCAL.fullmatch(value[name]):
            yield fault(f"/{name}", value[name], "is not on the calendar.")
    if made_at is None or local is None:
        return
    if made_at != local:
        yield fault("/made_local", value["made_local"], f"is another instant than {value['made_at']}.")
    here = _zone(zone)
    if here is None:
        yield _no_such_zone(zone)
    elif made_at.astimezone(here).utcoffset() != local.utcoffset():
        shown = made_at.astimezone(here).isoformat()
        yield fault("/made_local", value["made_local"], f"is not the time of {zone}.", f"There it was {shown}.")


def _body_faults(kind: str, body: Any, signers: Sequence[Mapping[str, str]] | None) -> Iterator[Fault]:
    faults = list(BODIES[kind].faults(body, "/body"))
    yield from faults
    if faults:
        return  # what a line contradicts can be said once it is a line
    for found in contradictions(kind, body):
        yield Fault("statement", None, f"/body{found.path}", found.value, found.reason, found.remedy)
    if signers is not None:
        yield from _missing_signers(kind, body, signers)


def _missing_signers(kind: str, body: Mapping[str, Any], signers: Sequence[Mapping[str, str]]) -> Iterator[Fault]:
    for party, role in wanted_signers(kind, body):
        signer = next((one for one in signers if one["party"] == party), None)
        if signer is None:
            yield fault("/signers", party, f"must sign a {kind}.", f"Name {party} as {_AS_WHAT[role]}.")
        elif signer["as"] not in _ROLES_FOR[role]:
            yield fault("/signers", party, f"signs as {signer['as']}.", f"Name it as {_AS_WHAT[role]}.")
    if needs_two(kind, body) and sum(signer["as"] != WITNESS for signer in signers) < 2:
        yield fault("/signers", None, "has one side only.", "Name the other side as countersigner.")


def _time(text: Any) -> datetime | None:
    """An instant of the calendar, or nothing where the form or the calendar has a fault (told elsewhere)."""
    if not isinstance(text, str) or not _LOCAL.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _zone(name: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if isinstance(name, str) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _no_such_zone(name: Any) -> Fault:
    return fault("/zone", name, "is not a zone of the zone database.", "Write one like Asia/Seoul.")
