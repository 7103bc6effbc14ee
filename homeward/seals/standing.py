"""Which statements stand, and which do not, whatever order the signatures came in.

A statement stands when everyone who is to sign it has signed, with a key or on paper. It is voided when everyone who
had signed it has signed its voiding: one side alone withdraws only what it alone has said. A void can itself be
voided; what it had withdrawn then stands again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from graphlib import TopologicalSorter

from homeward.errors import Fault
from homeward.seals.statement import Statement, body_faults

_SPEAKS_OF = {"void": "voids", "paper": "statement", "refusal": "refuses"}  # kind -> field with the other's digest


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement as somebody's record has it.

    Parameters
    ----------
    statement : the statement
    signed : codes of the parties that have signed it, with a key or on paper
    index : its place in the record, that of its author's entry
    """

    statement: Statement
    signed: frozenset[str]
    index: int

    @property
    def digest(self) -> str:
        return self.statement.digest

    @property
    def missing(self) -> tuple[str, ...]:
        """Who is yet to sign, in the order of the signers."""
        return tuple(signer.party for signer in self.statement.signers if signer.party not in self.signed)


class Footing(StrEnum):
    """What a statement counts for."""

    STANDS = "stands"
    AWAITS = "awaits"  # signatures are missing
    REFUSED = "refused"  # one of those who were to sign has said that it will not
    VOIDED = "voided"  # withdrawn by all who had signed it; never deleted


@dataclass(frozen=True, slots=True)
class Held:
    """A recorded statement with its footing; ``signed`` counts paper that was entered back.

    ``faults`` are those of its body: a verifier takes what was signed as it is, an account cannot.
    """

    recorded: Recorded
    footing: Footing
    faults: tuple[Fault, ...] = ()

    @property
    def statement(self) -> Statement:
        return self.recorded.statement

    @property
    def signed(self) -> frozenset[str]:
        return self.recorded.signed

    @property
    def offered(self) -> bool:
        """A proposal needs nobody's consent to have been made: its author's word is enough."""
        return self.footing is Footing.AWAITS and self.statement.by in self.signed


def footings(recorded: Iterable[Recorded]) -> tuple[Held, ...]:
    """Every statement once, in the order of the record, with what it counts for."""
    known = _once(recorded)
    faults = {digest: body_faults(one.statement) for digest, one in known.items()}
    spoken_of_by = _spoken_of_by({digest: one for digest, one in known.items() if not faults[digest]})
    held: dict[str, Held] = {}
    for digest in TopologicalSorter({one: spoken_of_by.get(one, []) for one in known}).static_order():
        about = [held[other] for other in spoken_of_by.get(digest, [])]
        held[digest] = replace(_held(known[digest], about), faults=faults[digest])
    return tuple(
        sorted(held.values(), key=lambda one: (one.recorded.index, one.statement.made_at, one.recorded.digest))
    )


def voids_whole(void: Held, target: Held) -> bool:
    """Whether all who signed the one have signed its voiding."""
    return void.footing is Footing.STANDS and void.signed >= target.signed


def _once(recorded: Iterable[Recorded]) -> dict[str, Recorded]:
    """One of each; the same statement twice has the signatures of both."""
    known: dict[str, Recorded] = {}
    for one in recorded:
        before = known.get(one.digest)
        if before is not None:
            one = Recorded(one.statement, one.signed | before.signed, min(one.index, before.index))
        known[one.digest] = one
    return known


def _spoken_of_by(known: Mapping[str, Recorded]) -> dict[str, list[str]]:
    """Per statement, the voids, papers and refusals that name it; a digest exists before it is named, so no cycles."""
    named_by: dict[str, list[str]] = {}
    for digest, one in known.items():
        if one.statement.kind in _SPEAKS_OF:
            named_by.setdefault(one.statement.body[_SPEAKS_OF[one.statement.kind]], []).append(digest)
    return named_by


def _held(one: Recorded, about: Sequence[Held]) -> Held:
    signed = one.signed & one.statement.parties | _on_paper(one.statement, about)
    full = Recorded(one.statement, signed, one.index)
    standing = Held(full, Footing.STANDS if not full.missing else Footing.AWAITS)
    if any(other.statement.kind == "void" and voids_whole(other, standing) for other in about):
        return Held(full, Footing.VOIDED)
    if standing.footing is Footing.AWAITS and any(_refuses(other, standing) for other in about):
        return Held(full, Footing.REFUSED)
    return standing


def _on_paper(statement: Statement, about: Sequence[Held]) -> frozenset[str]:
    """Parties without a key here whose signature on paper somebody entered."""
    papers = [other for other in about if other.statement.kind == "paper" and other.footing is Footing.STANDS]
    signed = {one["party"] for paper in papers for one in paper.statement.body["signed_by"]}
    return frozenset(signer.party for signer in statement.signers if not signer.key and signer.party in signed)


def _refuses(refusal: Held, target: Held) -> bool:
    """A refusal counts by one who was asked and has not signed."""
    by = refusal.statement.by
    return refusal.statement.kind == "refusal" and refusal.footing is Footing.STANDS and by in target.recorded.missing
