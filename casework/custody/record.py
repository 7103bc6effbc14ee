"""Writing what happened: one event, and the state, keeper and place that the standing events give."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import QuerySet
from django.utils import timezone

from casework.custody.life import ItemState, State, first_break, may_follow
from casework.custody.models import Condition, Container, CustodyEvent, Identifier, Item, Seal
from casework.custody.numbers import key_of
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused

Kind = CustodyEvent.Kind
Thing = TypeVar("Thing", Container, Item)


class Several(tuple[Thing, ...]):
    """Containers or items that one act changed; the journal writes the first and how many more."""

    @property
    def journal_name(self) -> str:
        return f"{self[0].journal_name} + {len(self) - 1}" if len(self) > 1 else self[0].journal_name if self else ""


AHEAD = timedelta(minutes=5)  # clocks differ; what lies further ahead has not happened


def own_container(container: Container, *, by: Member) -> Container:
    """The container as it is now, locked, for someone who keeps it in his party's record."""
    by.require("keep custody")
    found = Container.objects.select_for_update().filter(pk=container.pk, holder=by.party).first()
    if found is None:
        raise Refused(NOT_FOUND)
    if found.voided_at:
        raise Refused("voided", number=found.number)
    return found


def here(container: Container, *, by: Member) -> Container:
    """The same, for a container that the party has itself."""
    found = own_container(container, by=by)
    if not found.is_here:
        raise Refused("not-held", number=found.number)
    if found.state == State.LOST:
        raise Refused("is-lost", number=found.number)
    return found


def own_item(item: Item, *, by: Member) -> Item:
    """An item as it is now, locked, that is held and can be acted on."""
    by.require("keep custody")
    found = Item.objects.select_for_update().filter(pk=item.pk, holder=by.party).first()
    if found is None:
        raise Refused(NOT_FOUND)
    if found.voided_at:
        raise Refused("voided", number=found.number)
    if found.state != ItemState.HELD:
        raise Refused("item-gone", number=found.number, state=found.state)
    return found


def fresh_number(number: str, *, holder: Party, numbered_by: Party | None = None, items: bool = False) -> str:
    """The number, if nothing of its kind ever had it; a voided thing keeps its number too."""
    number = " ".join(number.split())
    if not key_of(number):
        raise Refused("number-empty", number=number)
    taken: Item | Container | None
    if items:
        taken = Item.objects.filter(holder=holder, key=key_of(number)).first()
    else:
        taken = Container.objects.filter(holder=holder, numbered_by=numbered_by or holder, key=key_of(number)).first()
    if taken is not None:
        raise Refused("number-used", number=number, old=taken)
    return number


def fresh_seal(number: str, *, holder: Party) -> str:
    """A seal number, if this record has never seen it on anything."""
    number = " ".join(number.split())
    if not key_of(number):
        raise Refused("number-empty", number=number)
    used = Seal.objects.filter(holder=holder, key=key_of(number)).select_related("container").first()
    if used is not None:
        raise Refused("seal-used", number=number, old=used.container)
    return number


def fresh_identifier(number: str, office: str, *, holder: Party) -> str:
    number = " ".join(number.split())
    if not key_of(number):
        raise Refused("number-empty", number=number)
    used = Identifier.objects.filter(holder=holder, office=office, key=key_of(number)).first()
    if used is not None:
        raise Refused("number-used", number=number, old=used.container or used.item)
    return number


def moment(at: datetime | None, zone: str) -> datetime:
    """When something happened: now, unless it is said."""
    if zone not in available_timezones():
        raise Refused("unknown-zone", zone=zone)
    now = timezone.now()
    if at is None:
        return now
    at = at if timezone.is_aware(at) else at.replace(tzinfo=ZoneInfo(zone))
    if at > now + AHEAD:
        raise Refused("in-the-future", at=at)
    return at


def event(
    kind: str,
    *,
    by: Member,
    at: datetime,
    zone: str = "UTC",
    container: Container | None = None,
    item: Item | None = None,
    **values: Any,
) -> CustodyEvent:
    """An event that is not yet kept; whoever has many keeps them together."""
    thing = container or item
    assert thing is not None
    return CustodyEvent(
        holder_id=values.pop("holder_id", thing.holder_id),
        kind=kind,
        at=at,
        zone=zone,
        container=container,
        item=item,
        actor=by.actor,
        by=values.pop("who", "") or said_by(by),
        **values,
    )


def said_by(member: Member) -> str:
    return ", ".join(part for part in (member.name, member.office) if part)


def follow(container: Container, state: State) -> str:
    """The state, if it may follow the container's present one."""
    if not may_follow(State(container.state), state):
        raise Refused("not-now", number=container.number, state=container.state, wanted=state)
    return str(state.value)


def settle(container: Container, *, strict: bool = True) -> None:
    """Set a container's state, keeper and place to what its standing events say.

    What someone does here must leave a life that could be; what signed statements tell of is kept as it is.
    """
    standing = list(_standing(container.events))
    states = [State(one.state) for one in standing if one.state in State.values]
    if strict and first_break(states) is not None:
        raise Refused("void-later-first", number=container.number)
    container.state = states[-1].value
    container.keeper = next((one.keeper for one in reversed(standing) if one.keeper), container.holder)
    placed = [one for one in standing if one.item_id is None and one.kind in PLACING]
    container.store, container.place = placed[-1].store, placed[-1].place
    container.save(update_fields=["state", "keeper", "store", "place"])


def _standing(events: Any) -> QuerySet[CustodyEvent]:
    found: QuerySet[CustodyEvent] = events.filter(voided_by=None).exclude(kind=Kind.VOIDED).order_by("pk")
    return found


PLACING = (Kind.ENTERED, Kind.MOVED, Kind.ISSUED, Kind.RECEIVED, Kind.TRANSFERRED, Kind.RETURNED, Kind.FOUND)


ITEM_PLACING = (Kind.PACKED, Kind.UNPACKED, Kind.ENTERED, Kind.COLLECTED, Kind.MOVED)


def settle_item(item: Item) -> None:
    """Set an item's state and place to what its standing events say."""
    standing = list(_standing(item.events))
    states = [one.state for one in standing if one.state in ItemState.values]
    item.state = states[-1] if states else ItemState.HELD
    moves = [one for one in standing if one.kind in ITEM_PLACING]
    inside = [one for one in moves if one.kind != Kind.MOVED]
    item.container = inside[-1].container if inside and inside[-1].kind != Kind.UNPACKED else None
    item.store, item.place = (moves[-1].store, moves[-1].place) if moves and item.container is None else ("", "")
    item.save(update_fields=["state", "container", "store", "place"])


NOT_WHOLE = (Condition.BROKEN, Condition.MISSING)


def settle_seal(seal: Seal) -> None:
    """Set how a seal was last found to what its standing events say."""
    standing = list(_standing(seal.events))
    looks = [one for one in standing if one.condition]
    not_whole = [one for one in standing if one.kind == Kind.OPENED or one.condition in NOT_WHOLE]
    seal.condition = looks[-1].condition if looks else Condition.WHOLE
    seal.found_at = looks[-1].at if looks else None
    seal.broken_at = not_whole[0].at if not_whole else None
    seal.voided_at = None if standing else timezone.now()
    seal.save(update_fields=["condition", "found_at", "broken_at", "voided_at"])


def inside(container: Container) -> QuerySet[Item]:
    return container.items.filter(voided_at=None, state=ItemState.HELD)
