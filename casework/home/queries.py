"""Where the programme stands, and what awaits whom; every number counted from the records as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.agreements.models import Commitment, CommitmentState, Proposal, Seat
from casework.board import queries as board
from casework.board.models import Conclusion
from casework.custody import queries as custody
from casework.custody.models import Transfer, TransferState
from casework.exchange.models import Delivery, State
from casework.laboratory import queries as laboratory
from casework.parties.models import Member, Party
from casework.parties.permissions import Role
from casework.registry import queries as registry
from casework.runs import queries as runs
from casework.runs.models import Run
from casework.seals.models import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Counts of one party's programme. Persons, boxes and individuals are three units, never summed."""

    programme: Mapping[str, Any]  # what programme.toml says; empty before a programme was brought in
    registry: Mapping[str, Any]
    laboratory: Mapping[str, int]
    run: Run | None  # the identification that stands
    conclusions: Mapping[str, int]  # of the standing run, for who may see comparisons
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that awaits whoever has a role."""

    role: Role
    words: str
    address: str
    since: datetime | None = None


def standing(*, by: Member) -> Standing:
    """Where the programme of a member's party stands."""
    by.require("see where it stands")
    run = runs.standing(by.party)
    return Standing(
        programme=laboratory.programme_values(by.party),
        registry=registry.standing(by.party),
        laboratory=laboratory.standing(by.party),
        run=run,
        conclusions=board.by_conclusion(run, by=by) if run and by.may("see comparisons") else {},
        counted_at=timezone.now(),
    )


def worklist(stands: Standing, *, by: Member) -> tuple[list[Task], list[Task]]:
    """What awaits this member, and what awaits others of the party."""
    return _for_me(
        [
            *_signatures(by.party),
            *_talks(by.party),
            *_custody(by.party),
            *_files(by.party, stands),
            *_identification(by.party, stands),
            *_accounts(by.party),
        ],
        by=by,
    )


def neutral_worklist(*, by: Member) -> tuple[list[Task], list[Task]]:
    """The same for a neutral, which has no programme; what awaits its signature stands on its page anyway."""
    return _for_me([*_talks(by.party), *_custody(by.party), *_accounts(by.party)], by=by)


def _for_me(tasks: Sequence[Task], *, by: Member) -> tuple[list[Task], list[Task]]:
    mine = list({task.words: task for task in reversed(tasks) if task.role in by.roles}.values())[::-1]
    said = {task.words for task in mine}
    return mine, [task for task in tasks if task.role not in by.roles and task.words not in said]


SIGNERS = (Role.AUTHORITY, Role.NEGOTIATOR, Role.CUSTODIAN, Role.OBSERVER)


def _signatures(party: Party) -> Iterable[Task]:
    """Statements that a party is asked to sign; whoever may sign is told."""
    waiting = Signer.objects.filter(
        party=party, signed_at=None, statement__discarded_at=None, statement__voided_by=None
    ).order_by("statement__made_at")
    first = waiting.select_related("statement").first()
    if first is None:
        return
    number = waiting.count()
    words = ngettext(
        "One statement awaits your party’s signature",
        "%(statements)s statements await your party’s signature",
        number,
    ) % {"statements": number}
    for role in SIGNERS:
        yield Task(role=role, words=words, address=reverse("seals:statements"), since=first.statement.made_at)


def _talks(party: Party) -> Iterable[Task]:
    """Proposals to answer, and commitments of which the party has not said how it sees them."""
    open_proposals = Proposal.objects.filter(
        session__forum__seats__party=party, session__forum__seats__capacity=Seat.Capacity.SIDE, answer="pending"
    ).exclude(party=party)
    for proposal in open_proposals.select_related("session__forum", "party"):
        yield Task(
            role=Role.NEGOTIATOR,
            words=_("%(party)s proposes to meet on %(day)s: accept, decline or counter")
            % {"party": proposal.party.shown_name, "day": proposal.for_day or _("a day to be agreed")},
            address=reverse("agreements:session", args=(proposal.session.code,)),
        )
    silent = Commitment.objects.filter(
        parties=party, state__in=(CommitmentState.AGREED, CommitmentState.UNDER_WAY)
    ).exclude(assessments__holder=party)
    for commitment in silent if not party.neutral else ():
        yield Task(
            role=Role.NEGOTIATOR,
            words=_("%(commitment)s: say how your party sees it") % {"commitment": commitment.shown_name},
            address=reverse("agreements:commitment", args=(commitment.code,)),
        )


def _custody(party: Party) -> Iterable[Task]:
    """Receipts to write, and differences of stock-takings that nobody has explained."""
    for transfer in Transfer.objects.filter(receiver=party, state=TransferState.HANDED_OVER):
        yield Task(
            role=Role.CUSTODIAN,
            words=_("%(transfer)s: containers were handed over; write the receipt") % {"transfer": transfer.code},
            address=reverse("custody:transfer", args=(transfer.code,)),
            since=transfer.since,
        )
    if differences := custody.unexplained(party):
        yield Task(
            role=Role.CUSTODIAN,
            words=ngettext(
                "One difference of a stock-taking is not explained",
                "%(differences)s differences of stock-takings are not explained",
                differences,
            )
            % {"differences": differences},
            address=reverse("custody:stocktakes"),
        )


def _files(party: Party, stands: Standing) -> Iterable[Task]:
    if not stands.programme:
        yield Task(
            role=Role.REGISTRAR,
            words=_("Bring in the programme folder: the list, the families, the remains"),
            address=reverse("exchange:deliveries"),
        )
    for delivery in Delivery.objects.filter(party=party, state=State.ACCEPTED):
        yield Task(
            role=Role.REGISTRAR,
            words=_("%(file)s: read and accepted; bring it in or discard it") % {"file": delivery.name},
            address=reverse("exchange:delivery", args=(delivery.pk,)),
            since=delivery.handed_in_at,
        )
    for delivery in Delivery.objects.filter(party=party, state=State.REJECTED)[:5]:
        yield Task(
            role=Role.REGISTRAR,
            words=_("%(file)s: rows were not accepted; correct the file") % {"file": delivery.name},
            address=reverse("exchange:delivery", args=(delivery.pk,)),
            since=delivery.handed_in_at,
        )


def _identification(party: Party, stands: Standing) -> Iterable[Task]:
    if stands.programme and not stands.run and not runs.at_work(party) and stands.laboratory["typed"]:
        for role in (Role.DNA_ANALYST, Role.BOARD_MEMBER):
            yield Task(role=role, words=_("Ask who the remains may be"), address=reverse("board:ask"))
    for conclusion, role, words in (
        (Conclusion.IDENTIFY, Role.BOARD_MEMBER, _propose),
        (Conclusion.REVIEW, Role.BOARD_MEMBER, _review),
        (Conclusion.SYMMETRIC, Role.DNA_ANALYST, _cannot_tell),
    ):
        if stands.run and (remains := stands.conclusions.get(conclusion, 0)):
            yield Task(
                role=role,
                words=words(remains),
                address=f"{reverse('board:comparisons')}?conclusion={conclusion.value}",
                since=stands.run.ended_at,
            )


def _propose(remains: int) -> str:
    return ngettext(
        "Remains of one individual: an identification can be proposed; read the evidence",
        "Remains of %(remains)s individuals: an identification can be proposed; read the evidence",
        remains,
    ) % {"remains": remains}


def _review(remains: int) -> str:
    return ngettext(
        "Remains of one individual: near the threshold; say what to examine next",
        "Remains of %(remains)s individuals: near the threshold; say what to examine next",
        remains,
    ) % {"remains": remains}


def _cannot_tell(remains: int) -> str:
    return ngettext(
        "Remains of one individual: relatives cannot be told apart; choose whose sample would separate them",
        "Remains of %(remains)s individuals: relatives cannot be told apart; choose whose sample would separate them",
        remains,
    ) % {"remains": remains}


def _accounts(party: Party) -> Iterable[Task]:
    members = Member.objects.filter(party=party, active=True).values("user_id")
    secured = Authenticator.objects.filter(user__in=members, type=Authenticator.Type.TOTP).values("user_id").distinct()
    bare = members.count() - secured.count()
    if bare:
        yield Task(
            role=Role.ADMINISTRATOR,
            words=ngettext(
                "One member signs in with a password alone: ask for a second factor",
                "%(members)s members sign in with a password alone: ask for a second factor",
                bare,
            )
            % {"members": bare},
            address=reverse("parties:members"),
        )
