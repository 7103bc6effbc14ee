"""A transfer as its page shows it: both sides' values side by side, from the account of its statements alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from casework.custody.models import Container, Transfer, TransferState
from casework.custody.numbers import key_of
from casework.custody.words import said
from casework.parties.models import Member, Party
from homeward.reports.statement_words import number_in_words, value_word
from homeward.seals.bodies import ACCOUNTS, CLAIMS_ABOUT
from homeward.seals.reckoning import Account, Extra, Line, Outcome, Question, Seen, Step
from homeward.seals.standing import Footing

# The way a transfer takes when nothing goes wrong; each place may be reached in one of several ways.
WAY: tuple[tuple[TransferState, ...], ...] = (
    (TransferState.PROPOSED,),
    (TransferState.MANIFEST_AGREED,),
    (TransferState.SEALED,),
    (TransferState.HANDED_OVER,),
    (TransferState.RECEIVED, TransferState.RECEIVED_WITH_RESERVATIONS),
    (TransferState.INSPECTED_JOINTLY, TransferState.INSPECTED_ALONE),
    (TransferState.DISCREPANCY_OPEN,),
    (TransferState.RECONCILED,),
    (TransferState.CLOSED,),
)
ENDS = (TransferState.REFUSED, TransferState.ABORTED)
OUTCOME_SHAPES = {
    Outcome.LISTED: "sampled",
    Outcome.HANDED_OVER: "candidate",
    Outcome.RECEIVED: "exact",
    Outcome.SEAL_BROKEN: "contested",
    Outcome.WRONG_CONTENT: "contested",
    Outcome.NOT_RECEIVED: "missing",
    Outcome.NOT_MENTIONED: "missing",
    Outcome.RETURNED: "excluded",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One step of the life of a transfer."""

    words: str
    day: str
    done: bool
    now: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the sender claims of a line. It is no finding of anybody's."""

    about: str
    text: str
    committed: bool  # the statement holds its commitment alone
    opened: bool  # to whoever reads this page


@dataclass(frozen=True, slots=True)
class Row:
    """A line with both sides' values; an unlisted extra has no number and nothing declared."""

    number: int | None
    container: str
    own: int | None  # key of the container in one's own record
    content: str
    description: str
    origin: str
    claims: tuple[Claimed, ...]
    seals_out: str
    seals_in: str
    condition: str
    bags: tuple[int | None, int | None]
    weights: tuple[int | None, int | None]
    found: str
    individuals: int | None
    outcome: str
    shape: str
    differs: frozenset[str]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raised:
    """A reservation or a discrepancy, with what the other side and the neutral said of the same lines."""

    question: Question
    by: str
    about: str
    text: str
    declared: str
    found: str
    what: str
    day: str
    resolution: str
    words: str


@dataclass(frozen=True, slots=True)
class Signature:
    """How far one party has signed one statement."""

    party: Party
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement of the transfer and who has signed it."""

    digest: str
    kind: str
    made_at: str
    by: str
    standing: str
    voided: bool
    signatures: tuple[Signature, ...]
    objections: tuple[str, ...]


class Sheet:
    """All that the page of a transfer says."""

    def __init__(self, transfer: Transfer, told: Account, by: Member, opened: Mapping[str, Any] | None = None) -> None:
        """``opened`` is what commitments stand for, as far as this member may know."""
        self.transfer, self.told, self.by = transfer, told, by
        self.opened = opened or {}
        self.names = {party.code: party.shown_name for party in Party.objects.all()}

    # ---------- Where it stands ----------

    @property
    def state(self) -> TransferState:
        """What the account says; of a draft that was given up, that it was."""
        dropped = self.transfer.shared_at is None and self.transfer.state == TransferState.ABORTED
        return TransferState.ABORTED if dropped else TransferState(self.told.state.value)

    @cached_property
    def reached(self) -> dict[TransferState, str]:
        """Each state it came into and on which day first."""
        days: dict[TransferState, str] = {}
        for step in self.told.steps:
            days.setdefault(TransferState(step.state.value), step.statement.made_local[:10])
        return days

    @cached_property
    def way(self) -> list[Place]:
        """The steps: past with their days, the present, what would follow."""
        ended = self.state in ENDS
        places = [place for place in WAY if self._belongs(place, ended)]
        if ended:
            places.append((self.state,))
        return [self._place(place) for place in places]

    def _belongs(self, place: Sequence[TransferState], ended: bool) -> bool:
        reached = any(state in self.reached for state in place)
        optional = place in ((TransferState.DISCREPANCY_OPEN,),) or ended
        return reached or not optional

    def _place(self, place: Sequence[TransferState]) -> Place:
        state = self.state if self.state in place else next((one for one in place if one in self.reached), place[0])
        now = self.state in place
        open_questions = len(self.told.open_questions)
        why = f"{open_questions} {pgettext('question', 'open')}" if now and open_questions else ""
        return Place(str(state.label), self.reached.get(state, ""), state in self.reached and not now, now, why)

    # ---------- What it says first ----------

    @cached_property
    def counts(self) -> dict[str, Any]:
        """Both sides' counts of containers, in figures and in words; a container is not a person."""
        handed = sum(bool(line.handovers) for line in self.told.lines)
        came = sum(line.outcome.arrived for line in self.told.lines) + len(self.told.extras)
        differing = sum(bool(row.differs or row.questions) for row in self.rows)
        return {
            "lines": len(self.told.lines),
            "lines_words": _spoken(len(self.told.lines)),
            "handed": handed,
            "handed_words": _spoken(handed),
            "came": came,
            "came_words": _spoken(came),
            "agree": len(self.rows) - differing,
            "differ": differing,
            "open": len(self.told.open_questions),
            "received": any(one.receipts for one in self.told.consignments.values()),
        }

    # ---------- Lines ----------

    @cached_property
    def rows(self) -> list[Row]:
        lines = [self._line(line) for line in self.told.lines]
        return lines + [self._extra(extra) for extra in self.told.extras]

    @cached_property
    def _own(self) -> dict[str, int]:
        """Containers of one's own record by number, so that each line leads to its history."""
        numbers = [*(line.container for line in self.told.lines), *(extra.container for extra in self.told.extras)]
        keys = {key_of(number): number for number in numbers}
        found = Container.objects.filter(holder=self.by.party, key__in=keys)
        about = found.filter(events__subject=self.transfer.journal_name).values_list("key", "pk")
        own = found.filter(numbered_by=self.by.party).values_list("key", "pk")
        return {keys[key]: pk for key, pk in (*own, *about)}

    @cached_property
    def _asked(self) -> dict[str, tuple[str, ...]]:
        """Numbers of the questions about each container."""
        by_line = {line.line: line.container for line in self.told.lines}
        asked: dict[str, tuple[str, ...]] = {}
        for question in (*self.told.reservations, *self.told.discrepancies):
            about = {*question.containers, *(by_line[line] for line in question.lines if line in by_line)}
            for container in about:
                asked[container] = (*asked.get(container, ()), question.number)
        return asked

    def _line(self, line: Line) -> Row:
        declared, received, inspected = line.declared, line.received, line.inspected
        given = line.handed_over or line.sealed or declared
        came = received is not None and line.outcome.arrived
        gone = line.outcome in (Outcome.NOT_RECEIVED, Outcome.NOT_MENTIONED)
        return Row(
            number=line.line,
            container=line.container,
            own=self._own.get(line.container),
            content=_word("content", declared.content),
            description=self._open(declared.description),
            origin=self._open(declared.origin),
            claims=tuple(self._claim(claim) for claim in declared.claims),
            seals_out=", ".join(given.seals or declared.seals or ()),
            seals_in=", ".join(received.seals or ()) if came and received else "",
            condition=_condition(received if came else given),
            bags=(_first(given.bags, declared.bags), received.bags if came and received else 0 if gone else None),
            weights=(_first(given.weight_g, declared.weight_g), received.weight_g if came and received else None),
            found=_word("found", inspected.content) if inspected else "",
            individuals=inspected.individuals_estimated if inspected else None,
            outcome=outcome_words(line.outcome),
            shape=OUTCOME_SHAPES[line.outcome],
            differs=frozenset(difference.what for difference in line.differences),
            questions=self._asked.get(line.container, ()),
        )

    def _open(self, value: Any) -> str:
        """A personal value, or that it is withheld from whoever reads this."""
        if isinstance(value, Mapping):
            return str(self.opened.get(value["commitment"], _("withheld")))
        return str(value)

    def _claim(self, claim: Mapping[str, Any]) -> Claimed:
        about, text = self._open(claim["about"]), claim["text"]
        committed = isinstance(text, Mapping)
        return Claimed(
            about=str(said(f"claim.about.{about}")) if about in CLAIMS_ABOUT and about != "other" else "",
            text=self._open(text),
            committed=committed,
            opened=committed and text["commitment"] in self.opened,
        )

    def _extra(self, extra: Extra) -> Row:
        received, inspected = extra.received, extra.inspected
        return Row(
            number=None,
            container=extra.container,
            own=self._own.get(extra.container),
            content="",
            description=self._open(received.note),
            origin="",
            claims=(),
            seals_out="",
            seals_in=", ".join(received.seals or ()),
            condition=_condition(received),
            bags=(None, received.bags),
            weights=(None, received.weight_g),
            found=_word("found", inspected.content) if inspected else "",
            individuals=inspected.individuals_estimated if inspected else None,
            outcome=str(said("receipt.outcome.unlisted_extra")),
            shape="contested",
            differs=frozenset({"count"}),
            questions=self._asked.get(extra.container, ()),
        )

    @cached_property
    def totals(self) -> dict[str, Any]:
        """Sums of each side over its own lines: bags, weight, containers; never of persons."""
        given = [row for row in self.rows if row.number is not None]
        return {
            "bags": (sum(row.bags[0] or 0 for row in given), sum(row.bags[1] or 0 for row in self.rows)),
            "weights": (sum(row.weights[0] or 0 for row in given), sum(row.weights[1] or 0 for row in self.rows)),
            "containers": (self.counts["handed"] or len(given), self.counts["came"]),
        }

    # ---------- Questions ----------

    @cached_property
    def raised(self) -> list[Raised]:
        return [self._raised(one) for one in (*self.told.discrepancies, *self.told.reservations)]

    def _raised(self, question: Question) -> Raised:
        body = question.statement.body
        lines = [_("line %(line)s") % {"line": line} for line in question.lines]
        resolution = question.resolution
        return Raised(
            question=question,
            by=self.names.get(question.by, question.by),
            about=", ".join((*lines, *question.containers)),
            text=said_in(body["text"]),
            declared=body.get("declared", ""),
            found=body.get("found", ""),
            what=value_word("discrepancy", "what", body.get("what", ""), get_language() or "en"),
            day=question.statement.made_local[:10],
            resolution=said_in(resolution.body["text"]) if resolution else "",
            words=value_word("resolution", "outcome", resolution.body["outcome"], get_language() or "en")
            if resolution
            else "",
        )

    @cached_property
    def side_by_side(self) -> list[dict[str, Any]]:
        """Per line or container in question, each side's words, and the neutral's between them."""
        grouped: dict[str, list[Raised]] = {}
        for one in self.raised:
            grouped.setdefault(one.about, []).append(one)
        transfer = self.transfer
        return [
            {
                "about": about,
                "sides": [(party, [one for one in raised if one.question.by == party.code]) for party in self.sides],
                "between": [one for one in raised if transfer.through and one.question.by == transfer.through.code],
                "resolved": [one for one in raised if one.question.resolution],
                "open": [one for one in raised if one.question.open],
            }
            for about, raised in grouped.items()
        ]

    @property
    def sides(self) -> tuple[Party, Party]:
        return self.transfer.sender, self.transfer.receiver

    # ---------- Cases ----------

    @cached_property
    def cases(self) -> list[dict[str, Any]]:
        """Issued, filled, handed over, received, returned empty, unreturned: by each side's count."""
        cases = self.told.cases
        if not cases.issued:
            return []
        versions = [cases.versions.get(party.code) for party in self.sides]
        named = dict(zip(ACCOUNTS, _account_words(), strict=True))
        return [
            {
                "name": name,
                "words": named[name],
                "counts": [version[name] if version else cases.counts[name] for version in versions],
                "differs": name in cases.differ,
                "which": _ranges(getattr(cases, name)),
            }
            for name in ACCOUNTS
        ]

    # ---------- Who has signed, and who is awaited ----------

    @cached_property
    def statements(self) -> list[Shown]:
        own = [step for step in self.told.steps if step.statement.subject == self.transfer.subject]
        return [self._shown(step) for step in reversed(own)]

    def _shown(self, step: Step) -> Shown:
        made = step.statement
        return Shown(
            digest=made.digest,
            kind=made.kind,
            made_at=made.made_local[:16].replace("T", " "),
            by=self.names.get(made.by, made.by),
            standing="" if step.footing is Footing.STANDS else str(said(f"account.footing.{step.footing.value}")),
            voided=step.footing is Footing.VOIDED,
            signatures=tuple(self._signature(party, step) for party in self.transfer.parties),
            objections=tuple(one.code for one in step.objections),
        )

    def _signature(self, party: Party, step: Step) -> Signature:
        if party.code in step.signed:
            return Signature(party, "sealed", _("signed"))
        if party.code not in step.missing:
            return Signature(party, "", _("not asked"))
        refused = step.footing.value == "refused"
        return Signature(party, "contested" if refused else "missing", _("declined") if refused else _("not signed"))

    @cached_property
    def awaited(self) -> list[dict[str, Any]]:
        """Who must sign or say what next; one's own first."""
        listed = [
            {"party": self.names.get(one.party, one.party), "own": one.party == self.by.party_code, "it": one}
            for one in self.told.awaits
        ]
        return sorted(listed, key=lambda one: not one["own"])


def _spoken(count: int) -> str:
    """A count as a sentence says it: in words in English, in figures where a counter follows, as in Korean."""
    return number_in_words(count, "en") if get_language() == "en" else str(count)


def outcome_words(outcome: Outcome) -> str:
    """What became of a line, in the reader's language."""
    return str(said(f"account.outcome.{outcome.value}"))


def _account_words() -> tuple[str, ...]:
    return (
        _("Issued empty"),
        _("Filled"),
        _("Handed over"),
        _("Received"),
        _("Returned empty"),
        _("Not returned"),
    )


def said_in(texts: Sequence[Mapping[str, str]]) -> str:
    """The text in the reader's language; in whatever language it was said where it was not said in that."""
    own = [text["text"] for text in texts if text["lang"] == (get_language() or "en")]
    return (own or [text["text"] for text in texts] or [""])[0]


def _word(field: str, value: str) -> str:
    kind = "inspection" if field == "found" else "manifest"
    return value_word(kind, field, value, get_language() or "en")


def _condition(seen: Seen | None) -> str:
    if seen is None or not seen.seal_condition:
        return ""
    return value_word("receipt", "seal_condition", seen.seal_condition, get_language() or "en")


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _ranges(numbers: Iterable[str]) -> str:
    """Numbers in order, those that follow each other as a range."""
    return ", ".join(_runs(sorted(numbers)))


def _runs(numbers: Sequence[str]) -> Iterator[str]:
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or not _follows(numbers[at - 1], numbers[at]):
            run = numbers[start:at]
            yield run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run)
            start = at


def _follows(one: str, other: str) -> bool:
    head, tail = one.rstrip("0123456789"), one[len(one.rstrip("0123456789")) :]
    return bool(tail) and other == f"{head}{int(tail) + 1:0{len(tail)}d}"
