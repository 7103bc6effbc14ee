"""What happens to containers and items, and between the parties to a transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from casework.custody import record
from casework.custody.life import FIRST, ItemState, State
from casework.custody.models import Condition, Container, CustodyEvent, Descent, Identifier, Item, Seal, Weighing
from casework.custody.record import Kind, Several
from casework.journal.actions import recorded
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused

Thing = TypeVar("Thing", Container, Item)

# ---------- Containers ----------


@recorded("custody.enter_containers")
def enter_containers(
    *,
    by: Member,
    numbers: Sequence[str],
    kind: str = Container.Kind.CASE,
    state: str = State.ISSUED,
    store: str = "",
    place: str = "",
    note: str = "",
    at: datetime | None = None,
    zone: str = "UTC",
) -> Several[Container]:
    """Enter containers under numbers that nothing ever had."""
    by.require("keep custody")
    if state not in FIRST:
        raise Refused("not-first", state=state)
    when = record.moment(at, zone)
    entered = []
    for given in numbers:
        number = record.fresh_number(given, holder=by.party)
        entered.append(
            Container.objects.create(
                holder=by.party, numbered_by=by.party, keeper=by.party, number=number, kind=kind,
                state=state, store=store, place=place, note=note,
            )
        )  # fmt: skip
    CustodyEvent.objects.bulk_create(
        record.event(
            Kind.ENTERED,
            by=by,
            at=when,
            zone=zone,
            container=one,
            state=state,
            keeper=by.party,
            store=store,
            place=place,
        )
        for one in entered
    )
    return Several(entered)


@recorded("custody.move")
def move(
    *, by: Member, containers: Sequence[Container], store: str, place: str = "", note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Several[Container]:  # fmt: skip
    """Carry containers that one has to another store or shelf."""
    when = record.moment(at, zone)
    moved = [record.here(one, by=by) for one in containers]
    for one in moved:
        one.store, one.place = store, place
        one.save(update_fields=["store", "place"])
    CustodyEvent.objects.bulk_create(
        record.event(Kind.MOVED, by=by, at=when, zone=zone, container=one, store=store, place=place, note=note)
        for one in moved
    )
    return Several(moved)


@recorded("custody.pack")
def pack(
    *, by: Member, container: Container, items: Sequence[Item] = (), note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Container:  # fmt: skip
    """Put items into a container, or say in words what is in it."""
    when = record.moment(at, zone)
    into = record.here(container, by=by)
    state = record.follow(into, State.PACKED)
    packed = [record.own_item(one, by=by) for one in items]
    for one in packed:
        if one.container_id == into.pk:
            raise Refused("packed-twice", number=one.number)
        one.container, one.store, one.place = into, "", ""
        one.save(update_fields=["container", "store", "place"])
    CustodyEvent.objects.bulk_create(
        record.event(Kind.PACKED, by=by, at=when, zone=zone, container=into, item=one, state=state, note=note)
        for one in (packed or (None,))
    )
    return _come_to(into, state)


@recorded("custody.unpack")
def unpack(
    *, by: Member, item: Item, store: str = "", place: str = "", note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Item:  # fmt: skip
    """Take an item out of its container; a packed container from which the last was taken is empty."""
    when = record.moment(at, zone)
    out = record.own_item(item, by=by)
    if out.container is None:
        raise Refused("not-inside", number=out.number)
    container = record.here(out.container, by=by)
    if container.state == State.SEALED:
        raise Refused("open-first", number=container.number)
    last = container.state == State.PACKED and not record.inside(container).exclude(pk=out.pk).exists()
    state = State.ISSUED.value if last else ""
    out.container, out.store, out.place = None, store or container.store, place or container.place
    out.save(update_fields=["container", "store", "place"])
    record.event(
        Kind.UNPACKED, by=by, at=when, zone=zone, container=container, item=out, state=state,
        store=out.store, place=out.place, note=note,
    ).save()  # fmt: skip
    _come_to(container, state)
    return out


@recorded("custody.seal")
def seal(
    *, by: Member, container: Container, numbers: Sequence[str], applied_by: str = "", note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Container:  # fmt: skip
    """Close a container with numbered seals, each used once and never again."""
    when = record.moment(at, zone)
    closed = record.here(container, by=by)
    if not numbers:
        raise Refused("number-empty")
    state = record.follow(closed, State.SEALED)
    who = applied_by or record.said_by(by)
    for given in numbers:
        number = record.fresh_seal(given, holder=by.party)
        one = Seal.objects.create(
            holder=by.party, container=closed, number=number, applied_by=who, applied_at=when, found_at=when
        )
        record.event(
            Kind.SEALED, by=by, at=when, zone=zone, container=closed, seal=one, state=state, who=who,
            condition=Condition.WHOLE, note=note,
        ).save()  # fmt: skip
    return _come_to(closed, state)


@recorded("custody.check_seals")
def check_seals(
    *, by: Member, container: Container, conditions: Mapping[int, str], note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Container:  # fmt: skip
    """Write how each seal of a container was found."""
    when = record.moment(at, zone)
    looked_at = record.here(container, by=by)
    _found_seals(looked_at, Kind.CHECKED, conditions, by=by, at=when, zone=zone, note=note, state="")
    return looked_at


@recorded("custody.open")
def open_container(
    *, by: Member, container: Container, conditions: Mapping[int, str], note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Container:  # fmt: skip
    """Open a container: write how its seals were found, and that from now on they are broken."""
    when = record.moment(at, zone)
    opened = record.here(container, by=by)
    state = record.follow(opened, State.OPENED)
    if missing := [one.number for one in opened.whole_seals if one.pk not in conditions]:
        raise Refused("seal-not-looked-at", seals=missing)
    _found_seals(opened, Kind.OPENED, conditions, by=by, at=when, zone=zone, note=note, state=state)
    if not conditions:
        record.event(Kind.OPENED, by=by, at=when, zone=zone, container=opened, state=state, note=note).save()
    return _come_to(opened, state)


def _found_seals(
    container: Container, kind: str, conditions: Mapping[int, str], *,
    by: Member, at: datetime, zone: str, note: str, state: str,
) -> None:  # fmt: skip
    seals = {one.pk: one for one in container.seals.filter(voided_at=None)}
    for key, condition in conditions.items():
        one = seals.get(key)
        if one is None or condition not in Condition.values:
            raise Refused(NOT_FOUND)
        record.event(
            kind, by=by, at=at, zone=zone, container=container, seal=one, condition=condition, note=note, state=state
        ).save()
        record.settle_seal(one)


@recorded("custody.weigh")
def weigh(
    *, by: Member, weight_g: int, container: Container | None = None, item: Item | None = None, scale: str = "",
    note: str = "", at: datetime | None = None, zone: str = "UTC",
) -> Weighing:  # fmt: skip
    """Write what a container or an item weighs, in grams, and on which scale."""
    when = record.moment(at, zone)
    box = record.here(container, by=by) if container else None
    thing = record.own_item(item, by=by) if item else None
    happened = record.event(Kind.WEIGHED, by=by, at=when, zone=zone, container=box, item=thing, note=note)
    happened.save()
    return Weighing.objects.create(event=happened, container=box, item=thing, weight_g=weight_g, scale=scale)


@recorded("custody.declare_lost")
def declare_lost(
    *, by: Member, container: Container, note: str, at: datetime | None = None, zone: str = "UTC"
) -> Container:
    """Say that a container cannot be found. It keeps its number and its history."""
    when = record.moment(at, zone)
    lost = record.own_container(container, by=by)
    state = record.follow(lost, State.LOST)
    record.event(Kind.LOST, by=by, at=when, zone=zone, container=lost, state=state, note=note).save()
    return _come_to(lost, state)


@recorded("custody.declare_unreturned")
def declare_unreturned(
    *, by: Member, container: Container, note: str, at: datetime | None = None, zone: str = "UTC"
) -> Container:
    """Say that a case of one's own that was sent out has not come back."""
    when = record.moment(at, zone)
    out = record.own_container(container, by=by)
    if out.is_here or out.numbered_by_id != by.party_id:
        raise Refused("not-sent-out", number=out.number)
    state = record.follow(out, State.UNRETURNED)
    record.event(Kind.UNRETURNED, by=by, at=when, zone=zone, container=out, state=state, note=note).save()
    return _come_to(out, state)


@recorded("custody.found_again")
def found_again(
    *, by: Member, container: Container, state: str, store: str, place: str = "", note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Container:  # fmt: skip
    """Say that a lost container has turned up, in which state and where."""
    when = record.moment(at, zone)
    found = record.own_container(container, by=by)
    if found.state != State.LOST or state not in FIRST:
        raise Refused("not-now", number=found.number, state=found.state, wanted=state)
    record.event(
        Kind.FOUND, by=by, at=when, zone=zone, container=found, state=state, keeper=by.party,
        store=store, place=place, note=note,
    ).save()  # fmt: skip
    found.keeper, found.store, found.place = by.party, store, place
    found.save(update_fields=["keeper", "store", "place"])
    return _come_to(found, State(state).value)


def _come_to(container: Container, state: str) -> Container:
    if state:
        container.state = state
        container.save(update_fields=["state"])
    return container


# ---------- Items ----------


@recorded("custody.enter_item")
def enter_item(
    *,
    by: Member,
    number: str,
    kind: str,
    container: Container | None = None,
    bag: int | None = None,
    bags: int | None = None,
    description: str = "",
    origin: str = "",
    collected: bool = False,
    store: str = "",
    place: str = "",
    note: str = "",
    at: datetime | None = None,
    zone: str = "UTC",
) -> Item:
    """Enter an item, as collected in the field or as found in a container, under a number that nothing ever had."""
    by.require("keep custody")
    when = record.moment(at, zone)
    inside = record.here(container, by=by) if container else None
    if inside is not None and inside.state not in (State.ISSUED, State.PACKED, State.OPENED):
        raise Refused("open-first", number=inside.number)
    entered = Item.objects.create(
        holder=by.party, number=record.fresh_number(number, holder=by.party, items=True), kind=kind,
        container=inside, bag=bag, bags=_whole(bag, bags), description=description, origin=origin, note=note,
        store="" if inside else store, place="" if inside else place,
    )  # fmt: skip
    record.event(
        Kind.COLLECTED if collected else Kind.ENTERED, by=by, at=when, zone=zone, item=entered, container=inside,
        store=entered.store, place=entered.place, note=note,
        state=State.PACKED.value if inside is not None and inside.state == State.ISSUED else "",
    ).save()  # fmt: skip
    if inside is not None and inside.state == State.ISSUED:
        _come_to(inside, State.PACKED.value)
    return entered


def _whole(bag: int | None, bags: int | None) -> int | None:
    if (bag is None) != (bags is None) or (bag is not None and bags is not None and not 1 <= bag <= bags):
        raise Refused("bag-n-of-n", bag=bag, bags=bags)
    return bags


@recorded("custody.move_item")
def move_item(
    *, by: Member, item: Item, store: str, place: str = "", note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Item:  # fmt: skip
    """Carry an item that is in no container to another place."""
    when = record.moment(at, zone)
    moved = record.own_item(item, by=by)
    if moved.container_id is not None:
        raise Refused("take-out-first", number=moved.number)
    moved.store, moved.place = store, place
    moved.save(update_fields=["store", "place"])
    record.event(Kind.MOVED, by=by, at=when, zone=zone, item=moved, store=store, place=place, note=note).save()
    return moved


@recorded("custody.split")
def split(
    *, by: Member, item: Item, numbers: Sequence[str], note: str = "", at: datetime | None = None, zone: str = "UTC"
) -> Several[Item]:
    """Divide an item into others; it is kept as what they came from."""
    when = record.moment(at, zone)
    parent = record.own_item(item, by=by)
    if len(numbers) < 2:
        raise Refused("split-in-two", number=parent.number)
    _end(parent, Kind.SPLIT, ItemState.SPLIT, by=by, at=when, zone=zone, note=note)
    return Several(
        _child(number, [parent], by=by, at=when, zone=zone, kind=parent.kind, note=note) for number in numbers
    )


@recorded("custody.merge")
def merge(
    *, by: Member, items: Sequence[Item], number: str, note: str = "", at: datetime | None = None, zone: str = "UTC"
) -> Item:
    """Put items together under a new number; each is kept as what it came from."""
    when = record.moment(at, zone)
    parents = [record.own_item(one, by=by) for one in items]
    if len({one.pk for one in parents}) < 2:
        raise Refused("merge-two")
    for one in parents:
        _end(one, Kind.MERGED, ItemState.MERGED, by=by, at=when, zone=zone, note=note)
    return _child(number, parents, by=by, at=when, zone=zone, kind=parents[0].kind, note=note)


@recorded("custody.take_sample")
def take_sample(
    *, by: Member, item: Item, number: str, description: str = "", note: str = "",
    at: datetime | None = None, zone: str = "UTC",
) -> Item:  # fmt: skip
    """Take a sample of an item, which stays."""
    when = record.moment(at, zone)
    parent = record.own_item(item, by=by)
    record.event(Kind.SAMPLED, by=by, at=when, zone=zone, item=parent, note=note).save()
    return _child(
        number, [parent], by=by, at=when, zone=zone, kind=Item.Kind.SAMPLE, note=note, description=description
    )


@recorded("custody.consume")
def consume(*, by: Member, item: Item, note: str, at: datetime | None = None, zone: str = "UTC") -> Item:
    """Say that nothing is left of an item, and why."""
    return _end(
        record.own_item(item, by=by), Kind.CONSUMED, ItemState.CONSUMED,
        by=by, at=record.moment(at, zone), zone=zone, note=note,
    )  # fmt: skip


@recorded("custody.release")
def release(*, by: Member, item: Item, note: str, at: datetime | None = None, zone: str = "UTC") -> Item:
    """Give remains or effects to a family: to whom stands in the note."""
    released = record.own_item(item, by=by)
    if released.container is not None and released.container.state == State.SEALED:
        raise Refused("open-first", number=released.container.number)
    return _end(released, Kind.RELEASED, ItemState.RELEASED, by=by, at=record.moment(at, zone), zone=zone, note=note)


def _end(item: Item, kind: str, state: ItemState, *, by: Member, at: datetime, zone: str, note: str) -> Item:
    item.state = state
    item.save(update_fields=["state"])
    record.event(kind, by=by, at=at, zone=zone, item=item, state=state.value, note=note).save()
    return item


def _child(
    number: str, parents: Sequence[Item], *,
    by: Member, at: datetime, zone: str, kind: str, note: str, description: str = "",
) -> Item:  # fmt: skip
    first = parents[0]
    child = Item.objects.create(
        holder=by.party, number=record.fresh_number(number, holder=by.party, items=True), kind=kind,
        container=first.container, store=first.store, place=first.place, origin=first.origin,
        description=description or first.description,
    )  # fmt: skip
    Descent.objects.bulk_create(Descent(child=child, parent=parent) for parent in parents)
    record.event(
        Kind.ENTERED, by=by, at=at, zone=zone, item=child, container=first.container,
        store=child.store, place=child.place, note=note,
    ).save()  # fmt: skip
    return child


# ---------- Numbers and mistakes ----------


@recorded("custody.give_number")
def give_number(
    *, by: Member, office: str, number: str, container: Container | None = None, item: Item | None = None
) -> Identifier:
    """Write another office's number of a container or an item beside its own."""
    box = record.own_container(container, by=by) if container else None
    thing = record.own_item(item, by=by) if item else None
    given = Identifier.objects.create(
        holder=by.party, office=office, container=box, item=thing,
        number=record.fresh_identifier(number, office, holder=by.party),
    )  # fmt: skip
    record.event(Kind.NUMBERED, by=by, at=timezone.now(), container=box, item=thing, note=given.number).save()
    return given


# What can be taken back one by one. What a sealed statement says is voided there; an entry, with its thing.
VOIDABLE = frozenset(
    {
        Kind.PACKED, Kind.UNPACKED, Kind.SEALED, Kind.CHECKED, Kind.OPENED, Kind.WEIGHED, Kind.MOVED, Kind.SPLIT,
        Kind.MERGED, Kind.SAMPLED, Kind.CONSUMED, Kind.UNRETURNED, Kind.LOST, Kind.FOUND, Kind.RELEASED,
    }
)  # fmt: skip


@recorded("custody.void_event")
def void_event(*, by: Member, event: CustodyEvent, reason: str) -> CustodyEvent:
    """Take an event back: it stays in the history, struck, with the reason, and the state is as if it had not been."""
    by.require("keep custody")
    if event.holder_id != by.party_id:
        raise Refused(NOT_FOUND)
    if event.kind not in VOIDABLE or event.statement:
        raise Refused("not-voidable", kind=event.kind)
    if CustodyEvent.objects.filter(voids=event).exists():
        raise Refused("already-voided")
    if event.kind in (Kind.SPLIT, Kind.MERGED) and event.item and _standing_children(event.item):
        raise Refused("void-children-first", number=event.item.number)
    _not_blank(reason)
    container = Container.objects.select_for_update().get(pk=event.container_id) if event.container_id else None
    item = Item.objects.select_for_update().get(pk=event.item_id) if event.item_id else None
    voided = record.event(
        Kind.VOIDED, by=by, at=timezone.now(), container=container, item=item, note=reason, voids=event
    )
    voided.save()
    if event.seal is not None:
        record.settle_seal(event.seal)
    if item is not None:
        record.settle_item(item)
    if container is not None:
        record.settle(container)
    return voided


@recorded("custody.void_container")
def void_container(*, by: Member, container: Container, reason: str) -> Container:
    """Take a container's entry back. Its number stays its own for ever."""
    voided = record.here(container, by=by)
    _not_blank(reason)
    if record.inside(voided).exists():
        raise Refused("not-empty", number=voided.number)
    if voided.events.exclude(statement="").exists():
        raise Refused("not-voidable", number=voided.number)
    return _void(voided, by=by, reason=reason)


@recorded("custody.void_item")
def void_item(*, by: Member, item: Item, reason: str) -> Item:
    """Take an item's entry back. Its number stays its own for ever."""
    voided = record.own_item(item, by=by)
    _not_blank(reason)
    if _standing_children(voided):
        raise Refused("void-children-first", number=voided.number)
    return _void(voided, by=by, reason=reason)


def _void(thing: Thing, *, by: Member, reason: str) -> Thing:
    thing.voided_at, thing.void_reason = timezone.now(), reason
    thing.save(update_fields=["voided_at", "void_reason"])
    box, item = (thing, None) if isinstance(thing, Container) else (None, thing)
    record.event(Kind.VOIDED, by=by, at=thing.voided_at, container=box, item=item, note=reason).save()
    return thing


def _standing_children(item: Item) -> bool:
    return item.children.filter(voided_at=None).exists()


def _not_blank(reason: str) -> None:
    if not reason.strip():
        raise Refused("reason-empty")
