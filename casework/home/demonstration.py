"""An invented programme to look at: the parties Arvad and Belmar, the Observer, and people who act for them.

Only for a database of its own: an installation that holds anyone else's records is refused.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from casework.board import actions as board
from casework.board import comparison
from casework.exchange import actions as exchange
from casework.exchange.models import Delivery, State
from casework.home import july_2018, july_transfer
from casework.home.july_2018 import Sides
from casework.home.july_transfer import Hands
from casework.operations import actions as operations
from casework.operations.models import Operation, Site
from casework.parties.actions import admit_member, disclose, found_party
from casework.parties.models import Disclosure, Member, Operator, Party
from casework.parties.permissions import Role
from casework.parties.refusal import Refused
from casework.runs import actions as runs
from casework.runs import queries as standing
from casework.runs.models import Run
from casework.runs.models import State as RunState
from casework.runs.work import carry_out
from homeward.errors import Fault, Rejected
from homeward.formats.folder import read_programme
from homeward.progress import Tick, silent

SIGN_IN = "demonstration.txt"  # in the installation's own folder; its being there marks a demonstration


@dataclass(frozen=True, slots=True)
class Cast:
    """Someone who acts in the demonstration."""

    username: str
    full_name: str
    party: str
    office: str
    roles: tuple[Role, ...]


PARTIES = (  # code, names, kind, and whether its people act on this installation
    ("arvad", "Arvad", "아르바드", Party.Kind.STATE, True),
    ("belmar", "Belmar", "벨마르", Party.Kind.STATE, True),
    ("observer", "The Observer", "감시단", Party.Kind.NEUTRAL, True),
    ("command", "The International Command", "국제사령부", Party.Kind.AUTHORITY, False),
)
CAST = (
    Cast(
        "oresk", "M. Oresk", "arvad", "Accounting Office",
        (Role.BOARD_MEMBER, Role.DNA_ANALYST, Role.REGISTRAR, Role.AUDITOR),
    ),
    Cast("halvic", "T. Halvic", "arvad", "DNA section", (Role.DNA_ANALYST,)),
    Cast("maren", "S. Maren", "arvad", "Office of the Minister", (Role.AUTHORITY, Role.NEGOTIATOR)),
    Cast("karsk", "D. Karsk", "arvad", "Central Store", (Role.CUSTODIAN,)),
    Cast("tolen", "R. Tolen", "arvad", "Field section", (Role.FIELD_LEAD,)),
    Cast("ilvet", "K. Ilvet", "belmar", "Commission on the Missing", (Role.BOARD_MEMBER, Role.REGISTRAR)),
    Cast(
        "doran", "P. Doran", "belmar", "Mission at the crossing",
        (Role.NEGOTIATOR, Role.CUSTODIAN, Role.AUTHORITY),
    ),
    Cast("watch", "A. Observer", "observer", "Neutral secretariat", (Role.OBSERVER, Role.AUTHORITY)),
)  # fmt: skip


def stage() -> Party:
    """Make the parties and the cast, once; the sign-in is written into the installation's folder.

    Raises
    ------
    Refused
        ``not-a-demonstration`` where the database holds parties that were not made here.
    """
    sign_in = Path(settings.VAR) / SIGN_IN
    if settings.SECURE or (Party.objects.exists() and not sign_in.exists()):
        raise Refused("not-a-demonstration")
    password = _password(sign_in)
    for code, name, name_ko, kind, hosted in PARTIES:
        if not Party.objects.filter(code=code).exists():
            found_party(by=Operator(), code=code, name=name, name_ko=name_ko, kind=kind, hosted=hosted)
    parties = {party.code: party for party in Party.objects.all()}
    for one in CAST:
        if not Member.objects.filter(user__username=one.username).exists():
            party = parties[one.party]
            admit_member(
                by=Operator(party), party=party, username=one.username, password=password,
                roles=one.roles, full_name=one.full_name, office=one.office,
            )  # fmt: skip
    for shown in Disclosure.Kind.values:
        if not Disclosure.objects.filter(holder=parties["arvad"], to=parties["observer"], kind=shown).exists():
            disclose(by=_member("maren"), to=parties["observer"], kind=shown)
    return parties["arvad"]


def _password(sign_in: Path) -> str:
    """The demonstration's one password: invented at the first start, the same ever after."""
    if not sign_in.exists():
        password = "-".join(secrets.token_hex(2) for _part in range(4))
        lines = [f"  {one.username:<8} {one.full_name}, {one.party}: {', '.join(one.roles)}" for one in CAST]
        text = "\n".join(["Demonstration sign-in (password for all: " + password + ")", *lines, ""])
        with os.fdopen(os.open(sign_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    return sign_in.read_text(encoding="utf-8").split("password for all: ")[1].split(")")[0]


def bring_in(party: Party, folder: Path, *, tick: Tick = silent) -> Delivery:
    """Bring the programme folder in for a party, unless exactly that was brought in before."""
    former = Delivery.objects.filter(party=party, state=State.BROUGHT_IN).first()
    if former is not None:
        reading = read_programme(folder, tick=tick)
        if reading.programme is None or reading.programme.digest != former.digest:
            raise Refused("another-demonstration")
        return former
    delivery = exchange.read_delivery(by=Operator(party), path=folder, name=folder.name, tick=tick)
    if delivery.state == State.REJECTED:
        raise Rejected([Fault(**row) for row in delivery.faults])
    return exchange.bring_in(by=Operator(party), delivery=delivery, path=folder, tick=tick)


def identified(party: Party, result: Path, *, digest: str, tick: Tick = silent) -> Run:
    """The finished run of the demonstration: registered from the result's files, or computed here."""
    run = standing.standing(party)
    if run is not None and run.case_digest == digest:
        return run
    analyst = _member("oresk")
    if (result / "result.json").exists():
        return board.register_identification(by=analyst, result=result, purpose="Demonstration", tick=tick)
    waiting = standing.at_work(party)  # of a demonstration that was interrupted before it began
    run = waiting if waiting and waiting.state == RunState.ASKED else runs.ask(by=analyst, purpose="Demonstration")

    def compute(run: Run, written: Tick) -> runs.Finding:
        def both(stage: str, done: int, total: int) -> None:
            written(stage, done, total)
            tick(stage, done, total)

        return comparison.compute(run, both)

    carry_out(run.pk, compute=compute, keep=comparison.keep)
    run.refresh_from_db()
    if run.state != RunState.FINISHED:
        raise Refused("demonstration-failed", reason=run.reason, detail=run.detail)
    return run


def _member(username: str) -> Member:
    return Member.objects.select_related("party", "user").get(user__username=username)


def work(party: Party) -> Operation | None:
    """A joint operation at two sites of one region that both sides have approved, if there are such; made once."""
    if former := Operation.objects.filter(holder=party).first():
        return former
    approved = Site.objects.filter(holder=party, status=Site.Status.APPROVED).exclude(permit_from="")
    first = approved.order_by("permit_from", "site_id").first()
    if first is None:
        return None
    starts = date.fromisoformat(first.permit_from)
    return operations.plan_operation(
        by=_member("tolen"),
        number="JOINT-01",
        name="First joint excavation of the season",
        with_party=Party.objects.get(code="belmar"),
        starts=starts,
        ends=starts + timedelta(days=29),
        people_own=12,
        people_other=14,
        sites=list(approved.filter(region=first.region).order_by("site_id")[:2]),
        route="By road from the crossing, two vehicles of each side",
        liaison="Radio at 07:00 and 19:00",
    )


def talk() -> None:
    """Enter what happened between the parties in July 2018, and publish figures: ours, and others' as claims."""
    parties = {party.code: party for party in Party.objects.all()}
    sides = Sides(
        arvad=parties["arvad"],
        belmar=parties["belmar"],
        command=parties["command"],
        observer=parties["observer"],
        by=_member("maren"),
        other=_member("doran"),
    )
    july_2018.enter(sides)
    july_transfer.carry_out(
        Hands(arvad=_member("karsk"), belmar=sides.other, authorities=[sides.by, sides.other, _member("watch")])
    )
    july_2018.publish_figures(by=sides.by)
