"""What an account of a transfer holds: its lines with every side's values apart, its cases, its open questions.

Nothing here is stated by anyone; all of it follows from the statements. Where two sides say different things both
stand, each with who said it. ``transfer.py`` makes an account from the statements; ``rules.py`` says what may come
next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from homeward.seals.bodies import ACCOUNTS
from homeward.seals.standing import Footing, Held
from homeward.seals.statement import Statement

NOTHING: Mapping[Any, Any] = MappingProxyType({})
STAGES = ("declared", "sealed", "handed_over", "received", "inspected")
Pair = tuple[str, str]


class TransferState(StrEnum):
    """How far a transfer has come; that of its consignment that has come least far."""

    DRAFT = "draft"  # nobody has said anything that counts
    PROPOSED = "proposed"
    MANIFEST_AGREED = "manifest_agreed"
    SEALED = "sealed"
    HANDED_OVER = "handed_over"
    RECEIVED_WITH_RESERVATIONS = "received_with_reservations"
    RECEIVED = "received"
    INSPECTED_ALONE = "inspected_alone"
    INSPECTED_JOINTLY = "inspected_jointly"
    DISCREPANCY_OPEN = "discrepancy_open"
    RECONCILED = "reconciled"
    CLOSED = "closed"
    REFUSED = "refused"
    ABORTED = "aborted"


_ORDER = {state: rank for rank, state in enumerate(TransferState)}
ENDED = (TransferState.CLOSED, TransferState.REFUSED, TransferState.ABORTED)


class Outcome(StrEnum):
    """What became of a line of the manifest."""

    LISTED = "listed"  # not handed over
    HANDED_OVER = "handed_over"  # no receipt speaks of it yet
    RECEIVED = "received"
    SEAL_BROKEN = "seal_broken"
    WRONG_CONTENT = "wrong_content"
    NOT_RECEIVED = "not_received"
    NOT_MENTIONED = "not_mentioned"  # handed over, and the receipt passes over it
    RETURNED = "returned"  # given back at once

    @property
    def arrived(self) -> bool:
        """The container came and stayed with the receiver."""
        return self in (Outcome.RECEIVED, Outcome.SEAL_BROKEN, Outcome.WRONG_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One container as one statement describes it. ``None`` and "": that statement says nothing of this.

    Parameters
    ----------
    by : code of the party that says so
    digest : of the statement
    content : declared content, or what was found
    outcome : of a receipt
    claims : what the sender claims of it; a claim is not a fact
    """

    by: str
    digest: str
    bags: int | None = None
    seals: tuple[str, ...] | None = None
    seal_condition: str = ""
    weight_g: int | None = None
    content: str = ""
    outcome: str = ""
    individuals_estimated: int | None = None
    jointly: bool = False
    note: Any = ""
    description: Any = ""
    origin: Any = ""
    claims: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A value with the stage and the party that gave it."""

    stage: str
    by: str
    value: str | int


@dataclass(frozen=True, slots=True)
class Difference:
    """Values of one container that are not the same: ``what`` is bags, weight, seal, content or count."""

    what: str
    values: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a manifest and what each side has said of its container since."""

    line: int
    container: str
    manifest: str
    giver: str
    receiver: str
    declared: Seen
    sealed: Seen | None = None
    handovers: tuple[Seen, ...] = ()
    place: str = ""  # the party in whose hands the last handover left it; "" while it is the giver's
    receipts: tuple[Seen, ...] = ()
    unmentioned: bool = False
    inspections: tuple[Seen, ...] = ()

    @property
    def handed_over(self) -> Seen | None:
        """As handed over: the last handover that names it."""
        return self.handovers[-1] if self.handovers else None

    @property
    def received(self) -> Seen | None:
        """As received: the last receipt that names it."""
        return self.receipts[-1] if self.receipts else None

    @property
    def inspected(self) -> Seen | None:
        """As inspected: the last joint inspection, or the last by one side where there was none."""
        return _foremost(self.inspections)

    @property
    def outcome(self) -> Outcome:
        if self.received is not None:
            return Outcome(self.received.outcome)
        if not self.handovers:
            return Outcome.LISTED
        return Outcome.NOT_MENTIONED if self.unmentioned else Outcome.HANDED_OVER

    @property
    def stages(self) -> Iterator[tuple[str, Seen]]:
        """Everything said of it, in the order of the stages; a container that did not come has no values received."""
        yield "declared", self.declared
        if self.sealed is not None:
            yield "sealed", self.sealed
        yield from (("handed_over", seen) for seen in self.handovers)
        if self.received is not None and self.outcome.arrived:
            yield "received", self.received
        yield from (("inspected", seen) for seen in self.inspections)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What the sides describe differently, named."""
        found = [_differing("bags", ((stage, seen, seen.bags) for stage, seen in self.stages))]
        found.append(_differing("weight", ((stage, seen, seen.weight_g) for stage, seen in self.stages)))
        found += [_seal_difference(self), _content_difference(self), _count_difference(self)]
        return tuple(difference for difference in found if difference is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A container that came without having been handed over on a line: recorded, never refused."""

    container: str
    line: int | None  # of the manifest, where the receiver names one
    giver: str
    receiver: str
    received: Seen
    inspections: tuple[Seen, ...] = ()

    @property
    def inspected(self) -> Seen | None:
        return _foremost(self.inspections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A reservation or a discrepancy, open until a resolution names its number."""

    number: str
    by: str
    statement: Statement
    lines: tuple[int, ...]
    containers: tuple[str, ...]
    resolution: Statement | None = None

    @property
    def open(self) -> bool:
        return self.resolution is None

    @property
    def outcome(self) -> str:
        """How it was resolved; "" while it is open."""
        return self.resolution.body["outcome"] if self.resolution else ""

    @property
    def digest(self) -> str:
        return self.statement.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """What one giver hands to one receiver: the versions of its manifest, and what followed."""

    giver: str
    receiver: str
    through: str
    manifests: tuple[Statement, ...]
    sealed: frozenset[str] = frozenset()  # containers
    handovers: tuple[Statement, ...] = ()
    receipts: tuple[Statement, ...] = ()

    @property
    def manifest(self) -> Statement:
        """The version that holds."""
        return self.manifests[-1]

    @property
    def pair(self) -> Pair:
        return self.giver, self.receiver

    @property
    def parties(self) -> frozenset[str]:
        return frozenset({self.giver, self.receiver, self.through} - {""})


@dataclass(frozen=True, slots=True)
class Returned:
    """A container that went back, or onward to a third party."""

    container: str
    content: str
    giver: str
    receiver: str
    onward: bool
    statement: Statement


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a statement does not fit those before it. ``code`` is stable; ``rules.py`` has the words."""

    code: str
    path: str = ""
    value: str = ""
    digest: str = ""  # of the statement that does not fit
    kind: str = ""
    sets_aside: bool = False  # it has no effect on the account
    reason: str = ""
    remedy: str = ""
    counted: str = ""  # what the statements give instead, where it is a number that does not fit

    def __str__(self) -> str:
        where = f"{self.kind} {self.digest[:19]}".strip() + (f", {self.path}" if self.path else "")
        value = f" {self.value!r}" if self.value else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{where}:{value} {self.reason}{remedy} ({self.code})".removeprefix(": ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One statement in the history of the transfer, whatever it counts for."""

    statement: Statement
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    footing: Footing
    set_aside: bool
    objections: tuple[Objection, ...]
    state: TransferState  # after it


@dataclass(frozen=True, slots=True)
class Await:
    """Who is awaited: to sign a statement that is there (``sign``), or to make one of this kind (``say``)."""

    party: str
    act: str
    kind: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Cases by where they have got to, as sets of container numbers. Extras stand apart.

    A case carried empty on a line of the manifest counts as returned empty when it arrives, not as filled.
    """

    issued: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    handed_over: frozenset[str] = frozenset()
    received: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()
    returned_empty: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()  # issued, and handed over under another subject
    versions: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: NOTHING)  # party -> its own totals

    @property
    def unreturned(self) -> frozenset[str]:
        """Issued and not come back, full or empty."""
        return self.issued - self.received - self.extras - self.returned_empty - self.elsewhere

    @property
    def not_received(self) -> frozenset[str]:
        """Handed over, and not with the receiver."""
        return self.handed_over - self.received

    @property
    def counts(self) -> dict[str, int]:
        """The account of cases: as many of each as :data:`~homeward.seals.bodies.ACCOUNTS` names."""
        return {name: len(getattr(self, name)) for name in ACCOUNTS}

    @property
    def differ(self) -> tuple[str, ...]:
        """The totals on which the parties' versions are not the same."""
        return tuple(name for name in ACCOUNTS if len({told[name] for told in self.versions.values()}) > 1)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of one stage over its lines. ``counted`` and ``weighed``: how many of them state bags, and a weight."""

    lines: int
    bags: int
    counted: int
    weight_g: int
    weighed: int


@dataclass(frozen=True, kw_only=True)
class Account:
    """The whole state of a transfer, from its statements alone."""

    subject: str
    held: Mapping[str, Held] = field(default_factory=lambda: NOTHING, repr=False)
    steps: tuple[Step, ...] = field(default=(), repr=False)
    parties: frozenset[str] = frozenset()  # who gives, takes, carries and signs for it
    proposals: tuple[Statement, ...] = ()
    consignments: Mapping[Pair, Consignment] = field(default_factory=lambda: NOTHING)
    by_container: Mapping[str, Line] = field(default_factory=lambda: NOTHING, repr=False)
    extra_by_container: Mapping[str, Extra] = field(default_factory=lambda: NOTHING, repr=False)
    reservations: tuple[Question, ...] = ()
    discrepancies: tuple[Question, ...] = ()
    resolutions: tuple[Statement, ...] = ()
    issues: tuple[Statement, ...] = ()
    returns: tuple[Returned, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    affiliations: tuple[Statement, ...] = ()
    papers: tuple[Statement, ...] = ()
    ending: Statement | None = None  # the closing, the abort, or the refusal of the last proposal
    faults: tuple[Objection, ...] = ()
    awaits: tuple[Await, ...] = ()  # who must sign what, and who must say what next

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Lines of all manifests that hold, by giver, receiver and number."""
        return tuple(sorted(self.by_container.values(), key=lambda line: (line.giver, line.receiver, line.line)))

    @property
    def extras(self) -> tuple[Extra, ...]:
        return tuple(self.extra_by_container.values())

    @cached_property
    def state(self) -> TransferState:
        if self.ending is not None:
            return _ENDINGS[self.ending.kind]
        if not self.consignments:
            return TransferState.PROPOSED if self.proposals else TransferState.DRAFT
        base = min((self.state_of(one) for one in self.consignments.values()), key=_ORDER.__getitem__)
        if _ORDER[base] < _ORDER[TransferState.RECEIVED_WITH_RESERVATIONS]:
            return base
        if any(question.open for question in self.discrepancies):
            return TransferState.DISCREPANCY_OPEN
        if self.resolutions and not self.open_questions:
            return TransferState.RECONCILED
        return base

    def state_of(self, consignment: Consignment) -> TransferState:
        """How far one consignment has come."""
        lines = self.lines_of(consignment)
        handed = [line for line in lines if line.handovers]
        if not handed:
            sealed = all(line.container in consignment.sealed for line in lines)
            return TransferState.SEALED if sealed else TransferState.MANIFEST_AGREED
        if any(line.outcome is Outcome.HANDED_OVER for line in handed):
            return TransferState.HANDED_OVER
        extras = [extra for extra in self.extras if (extra.giver, extra.receiver) == consignment.pair]
        boxes: list[Line | Extra] = [*lines, *extras]
        inspected = [seen for one in boxes if (seen := one.inspected)]
        if inspected:
            jointly = all(seen.jointly for seen in inspected)
            return TransferState.INSPECTED_JOINTLY if jointly else TransferState.INSPECTED_ALONE
        clean = all(receipt.body["clean"] for receipt in consignment.receipts) and not extras
        if clean and not any(line.unmentioned for line in lines) and not self._reserved(consignment):
            return TransferState.RECEIVED
        return TransferState.RECEIVED_WITH_RESERVATIONS

    def lines_of(self, consignment: Consignment) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if (line.giver, line.receiver) == consignment.pair)

    def _reserved(self, consignment: Consignment) -> bool:
        """Whether a reservation speaks of what was handed over or received here."""
        told = {one.digest for one in (*consignment.manifests, *consignment.handovers, *consignment.receipts)}
        boxes = {line.container for line in self.lines_of(consignment)}
        return any(
            question.statement.body["on"] in told or boxes.intersection(question.containers)
            for question in self.reservations
        )

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Reservations and discrepancies that no resolution names."""
        return tuple(question for question in (*self.discrepancies, *self.reservations) if question.open)

    @cached_property
    def outcomes(self) -> dict[Outcome, int]:
        """How many lines have each outcome."""
        told = [line.outcome for line in self.lines]
        return {outcome: told.count(outcome) for outcome in Outcome}

    @cached_property
    def totals(self) -> dict[str, Total]:
        """Lines, bags and weight by stage, both sides' sums side by side; extras apart, under ``extras``."""
        by_stage: dict[str, list[Seen]] = {stage: [] for stage in STAGES}
        for line in self.lines:
            for stage, seen in dict(line.stages).items():
                by_stage[stage].append(line.inspected if stage == "inspected" and line.inspected else seen)
        by_stage["extras"] = [extra.received for extra in self.extras]
        return {stage: _total(seen) for stage, seen in by_stage.items()}

    @cached_property
    def cases(self) -> Cases:
        """Cases issued, filled, handed over, received, returned empty and unreturned."""
        whole = self._cases(self.consignments.values(), self.issues, _as_received)
        sides = sorted({party for pair in self.consignments for party in pair})
        return Cases(
            issued=whole.issued,
            filled=whole.filled,
            handed_over=whole.handed_over,
            received=whole.received,
            extras=whole.extras,
            returned_empty=whole.returned_empty,
            elsewhere=whole.elsewhere,
            versions=MappingProxyType({party: self._version(party).counts for party in sides}),
        )

    def _version(self, party: str) -> Cases:
        """The cases as one party has them: what it gave counts as come, what it took counts as it received it."""

        def came(line: Line) -> bool:
            return bool(line.handovers) if line.giver == party else _as_received(line)

        own = [one for one in self.consignments.values() if party in one.pair]
        issues = [one for one in self.issues if party in (one.body["from"], one.body["to"])]
        return self._cases(own, issues, came)

    def _cases(self, consignments: Iterable[Consignment], issues: Sequence[Statement], came: Any) -> Cases:
        pairs = {one.pair for one in consignments}
        lines = [line for line in self.lines if (line.giver, line.receiver) in pairs]
        full = [line for line in lines if line.declared.content != "empty"]
        issued = frozenset(one["container"] for issue in issues for one in issue.body["containers"])
        received = frozenset(line.container for line in full if came(line))
        empty = {line.container for line in lines if line.declared.content == "empty" and came(line)}
        empty |= {one.container for one in self.returns if one.content == "empty" and self._went_home(one)}
        extras = {one.container for one in self.extras if (one.giver, one.receiver) in pairs}
        handed = frozenset(line.container for line in full if line.handovers)
        return Cases(
            issued=issued,
            filled=frozenset(line.container for line in full),
            handed_over=handed,
            received=received,
            extras=frozenset(extras) - received,
            returned_empty=(frozenset(empty) & issued) - received - frozenset(extras),
            elsewhere=(self.elsewhere & issued) - handed - frozenset(extras) - frozenset(empty),
        )

    def _went_home(self, returned: Returned) -> bool:
        """Whether a case went back to who had issued it."""
        return self.issuer_of(returned.container) == returned.receiver

    @cached_property
    def issuers(self) -> dict[str, str]:
        """Container -> who issued it empty."""
        return {one["container"]: issue.body["from"] for issue in self.issues for one in issue.body["containers"]}

    def issuer_of(self, container: str) -> str:
        return self.issuers.get(container, "")


_ENDINGS = {"closing": TransferState.CLOSED, "abort": TransferState.ABORTED, "refusal": TransferState.REFUSED}
# What may be found where this was declared, and is no difference. An inspection has no word for documents.
_SAME_CONTENT = {"empty": ("nothing",), "documents": ("material",)}


def _as_received(line: Line) -> bool:
    return line.outcome.arrived


def _foremost(inspections: Sequence[Seen]) -> Seen | None:
    joint = [seen for seen in inspections if seen.jointly]
    return joint[-1] if joint else inspections[-1] if inspections else None


def _total(seen: Sequence[Seen]) -> Total:
    bags = [one.bags for one in seen if one.bags is not None]
    weights = [one.weight_g for one in seen if one.weight_g is not None]
    return Total(len(seen), sum(bags), len(bags), sum(weights), len(weights))


def _differing(what: str, given: Iterable[tuple[str, Seen, int | None]]) -> Difference | None:
    values = tuple(Said(stage, seen.by, value) for stage, seen, value in given if value is not None)
    return Difference(what, values) if len({said.value for said in values}) > 1 else None


def _seal_difference(line: Line) -> Difference | None:
    """Other seals than before, or one that is not whole. No seal written is no seal said, until one was said before."""
    stages = [(stage, seen) for stage, seen in line.stages if seen.seals or seen.seal_condition]
    numbers = {tuple(sorted(seen.seals)) for _, seen in stages if seen.seals}
    conditions = {seen.seal_condition for _, seen in stages if seen.seal_condition}
    lost = numbers and "none" in conditions
    if len(numbers) <= 1 and len(conditions) <= 1 and not lost and not conditions & {"broken", "missing"}:
        return None
    return Difference("seal", tuple(Said(stage, seen.by, _seal_words(seen)) for stage, seen in stages))


def _seal_words(seen: Seen) -> str:
    return "; ".join(part for part in (", ".join(seen.seals or ()), seen.seal_condition) if part)


def _content_difference(line: Line) -> Difference | None:
    declared = line.declared.content
    same = (declared, *_SAME_CONTENT.get(declared, ()))
    found = [Said("inspected", seen.by, seen.content) for seen in line.inspections if seen.content]
    if line.received is not None and line.outcome is Outcome.WRONG_CONTENT:
        found.insert(0, Said("received", line.received.by, line.outcome.value))
    if all(said.value in same for said in found):
        return None
    return Difference("content", (Said("declared", line.declared.by, declared), *found))


def _count_difference(line: Line) -> Difference | None:
    """Handed over as one container, received as none."""
    if line.handed_over is None or line.outcome not in (Outcome.NOT_RECEIVED, Outcome.NOT_MENTIONED):
        return None
    receiver = line.received.by if line.received else line.receiver
    return Difference("count", (Said("handed_over", line.handed_over.by, 1), Said("received", receiver, 0)))
