"""A public statement's sentences, each from records and with the records that say it, in both languages.

Each sentence is a whole one in each language; nothing is built from pieces. What no record says is not said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from casework.agreements import queries as talks
from casework.agreements.models import Commitment, Session, SessionState
from casework.custody.models import Transfer
from casework.custody.sealed import account_of
from casework.documents import queries as documents
from casework.documents.queries import Matter
from casework.figures.models import PublicStatement
from casework.figures.words import QUALIFIERS, thousands
from casework.parties.models import Member
from casework.registry import queries as registry

LANGUAGES = ("en", "ko")
Sentence = dict[str, Any]


def sentences(statement: PublicStatement, *, by: Member) -> list[Sentence]:
    """What the records say of these days, in the order in which things happened; then where sources differ."""
    happened = [*_sessions(statement, by), *_commitments(statement, by), *_transfers(statement, by)]
    if not happened:
        return []
    return [*happened, *_differences(by), *_standing(by)]


def said(say: Callable[[], str], *records: str) -> Sentence:
    """One sentence in each language, with the records that it rests on."""
    words: Sentence = {"records": list(records)}
    for language in LANGUAGES:
        with override(language):
            words[language] = say()
    return words


def _sessions(statement: PublicStatement, by: Member) -> Iterator[Sentence]:
    since, until = statement.since.isoformat(), statement.until.isoformat()
    met = talks.sessions(by=by).filter(day__gte=since, day__lte=until + "~").prefetch_related("absent")
    for session in met.order_by("day", "number"):
        if session.state == SessionState.HELD:
            yield said(partial(_held, session), session.journal_name)
        elif session.state == SessionState.NOT_HELD:
            yield said(partial(_not_held, session), session.journal_name)


def _held(session: Session) -> str:
    level = session.tier.shown_name if session.tier else session.forum.shown_name
    words = {"day": session.day, "place": session.place or session.forum.shown_name, "level": level}
    former = talks.first_since(session).at_tier
    if former is None:
        return _("On {day} the parties met at {place}: {level}.").format(**words)
    return _(
        "On {day} the parties met at {place}: {level}. It was the first session at this level since {former}."
    ).format(former=former.day, **words)


def _not_held(session: Session) -> str:
    absent = ", ".join(party.shown_name for party in session.absent.all())
    return _("The session planned for {day} was not held: {absent} did not come.").format(
        day=session.day, absent=absent
    )


def _commitments(statement: PublicStatement, by: Member) -> Iterator[Sentence]:
    since, until = statement.since.isoformat(), statement.until.isoformat()
    made = talks.commitments(by=by).filter(stated_on__gte=since, stated_on__lte=until + "~")
    for commitment in made.prefetch_related("texts"):
        if texts := {text.language: text.text for text in commitment.texts.all()}:
            yield said(partial(_promised, texts, commitment), commitment.journal_name)


def _promised(texts: dict[str, str], commitment: Commitment) -> str:
    language = _("en")
    text = texts.get(language) or next(iter(texts.values()))
    return _("On {day} it was undertaken: “{text}”").format(day=commitment.stated_on, text=text)


def _transfers(statement: PublicStatement, by: Member) -> Iterator[Sentence]:
    """What was sent empty and what came back, by our own party's count; a container is not a person."""
    since, until = statement.since.isoformat(), statement.until.isoformat()
    shared = Transfer.objects.filter(Q(sender=by.party) | Q(receiver=by.party), shared_at__isnull=False)
    for transfer in shared.filter(planned_for__gte=since, planned_for__lte=until + "~").order_by("planned_for"):
        told = account_of(transfer)
        counted = told.cases.versions.get(by.party.code, {})
        if counted.get("received"):
            yield said(partial(_delivered, transfer, counted), transfer.subject)
        elif counted.get("issued"):
            yield said(partial(_sent, transfer, counted), transfer.subject)


def _delivered(transfer: Transfer, counted: Mapping[str, int]) -> str:
    return _(
        "Of {issued} cases sent empty, {received} came back full in transfer {number}; "
        "{unreturned} have not come back. A case is not a person."
    ).format(number=transfer.number, **counted)


def _sent(transfer: Transfer, counted: Mapping[str, int]) -> str:
    return _("{issued} cases were sent empty for transfer {number}.").format(number=transfer.number, **counted)


def _differences(by: Member) -> Iterator[Sentence]:
    """Where sources differ on one thing, each is named; none is called the right one."""
    for matter in documents.side_by_side(documents.claims(by=by)):
        if matter.differs and all(version.latest.number is not None for version in matter.versions):
            records = [version.latest.journal_name for version in matter.versions]
            yield said(partial(_differ, matter), *records)


def _differ(matter: Matter) -> str:
    versions = "; ".join(
        _("{claimant}: {number}").format(
            claimant=version.claimant,
            number=str(QUALIFIERS[version.latest.qualifier]).format(number=thousands(version.latest.number)),
        )
        for version in matter.versions
    )
    return _("Sources differ on this: {topic} ({unit}). {versions}.").format(
        topic=matter.topic or matter.scope, unit=matter.unit_label, versions=versions
    )


def _standing(by: Member) -> Iterator[Sentence]:
    unaccounted = registry.standing(by.party)["unaccounted"]
    if unaccounted:
        yield said(
            lambda: _("{number} persons on our list remain unaccounted for.").format(number=thousands(unaccounted)),
            "registry",
        )
