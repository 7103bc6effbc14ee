"""Counting a store against the record: what should lie there, what was found, and what explains the difference.

Begun, a stock-taking lists what the record says lies in the store. What is found is entered by number,
typed, scanned or from a file. Signed off, what was not found is missing; a difference stays open until
someone explains it, and nothing in the record of the containers is changed by counting alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from casework.custody import record
from casework.custody.life import HERE, ItemState
from casework.custody.models import Container, CustodyEvent, Item, Seal, StockLine, StockTake
from casework.custody.numbers import key_of
from casework.custody.queries import any_number
from casework.custody.record import Kind
from casework.journal.actions import recorded
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused

Result = StockLine.Result


@dataclass(frozen=True, slots=True)
class Found:
    """What someone found in a store: a number, where it lay, and the seals on it if he looked."""

    number: str
    place: str = ""
    seals: tuple[str, ...] | None = None


def judge(
    *, listed: bool, known: bool, found: bool, listed_place: str, found_place: str,
    listed_seals: Collection[str], found_seals: Collection[str] | None,
) -> str:  # fmt: skip
    """What finding a thing, or not, says beside the record.

    Parameters
    ----------
    listed : whether the record says that it lies in this store
    known : whether the record has it with us at all
    found : whether it was found here
    found_place : "" where nobody said on which shelf
    found_seals : None where nobody looked
    """
    if not found:
        return Result.MISSING
    if not listed:
        return Result.WRONG_PLACE if known else Result.UNEXPECTED
    if found_seals is not None and set(map(key_of, found_seals)) != set(map(key_of, listed_seals)):
        return Result.SEAL_DIFFERS
    if found_place and listed_place and key_of(found_place) != key_of(listed_place):
        return Result.WRONG_PLACE
    return Result.PRESENT


@recorded("custody.begin_stocktaking")
def begin_stocktaking(*, by: Member, store: str, note: str = "") -> StockTake:
    """List what the record says lies in a store, as it stands now."""
    by.require("keep custody")
    if StockTake.objects.filter(holder=by.party, store=store, state=StockTake.State.COUNTING).exists():
        raise Refused("being-counted", store=store)
    containers = list(
        Container.objects.filter(holder=by.party, keeper=by.party, store=store, state__in=HERE, voided_at=None)
    )
    items = Item.objects.filter(holder=by.party, container=None, store=store, state=ItemState.HELD, voided_at=None)
    last = StockTake.objects.filter(holder=by.party).aggregate(last=Max("number"))["last"] or 0
    begun = StockTake.objects.create(
        holder=by.party, number=last + 1, store=store, begun_at=timezone.now(), begun_by=record.said_by(by), note=note
    )
    seals = _seals_of(containers)
    lines = [
        StockLine(
            take=begun, number=one.number, key=key_of(one.number), container=one, listed=True,
            listed_place=one.place, listed_seals=seals.get(one.pk, []),
        )
        for one in containers
    ]  # fmt: skip
    keys = {line.key for line in lines}
    lines += [
        StockLine(take=begun, number=one.number, key=one.key, item=one, listed=True, listed_place=one.place)
        for one in items
        if one.key not in keys
    ]
    StockLine.objects.bulk_create(lines, 2000)
    return begun


def _seals_of(containers: Sequence[Container]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    standing = Seal.objects.filter(broken_at=None, voided_at=None, container__in=[one.pk for one in containers])
    for key, number in standing.values_list("container_id", "number"):
        found.setdefault(key, []).append(number)
    return found


@recorded("custody.enter_found")
def enter_found(*, by: Member, take: StockTake, found: Sequence[Found]) -> StockTake:
    """Write what was found in the store. A number found twice is one finding, the later one."""
    counting = _counting(take, by=by)
    lines = {line.key: line for line in counting.lines.filter(key__in=[key_of(one.number) for one in found])}
    touched: dict[str, StockLine] = {}
    for one in found:
        if not key_of(one.number):
            raise Refused("number-empty", number=one.number)
        line = lines.get(key_of(one.number)) or _line(counting, one.number, by=by)
        line = lines[key_of(one.number)] = touched.setdefault(line.key, line)
        line.found, line.entered_by, line.entered_at = True, by.actor, timezone.now()
        line.found_place = one.place or line.found_place
        line.found_seals = list(one.seals) if one.seals is not None else line.found_seals
        line.result = _judged(line)
    StockLine.objects.bulk_create([line for line in touched.values() if line.pk is None], 2000)
    StockLine.objects.bulk_update([line for line in touched.values() if line.pk is not None], FINDING, 500)
    return counting


FINDING = ("found", "entered_by", "entered_at", "found_place", "found_seals", "result")


def _line(take: StockTake, number: str, *, by: Member) -> StockLine:
    """The line of a number that is not listed as it is written: listed under another of its numbers, or new."""
    number = " ".join(number.split())
    thing = any_number(number, holder=by.party)
    container = thing if isinstance(thing, Container) else None
    item = thing if isinstance(thing, Item) else None
    if thing is not None:
        line = take.lines.filter(container=container, item=item).first()
        if line is not None:
            return line
    return StockLine(
        take=take, number=number, key=key_of(number), listed=False, container=container, item=item,
        listed_place=thing.shelf if thing is not None and _with_us(thing) else "",
    )  # fmt: skip


def _with_us(thing: Container | Item) -> bool:
    """Whether the record has it with us, on whatever shelf."""
    if thing.voided_at:
        return False
    if isinstance(thing, Item):
        return thing.state == ItemState.HELD
    return thing.is_here and thing.state in HERE


def _judged(line: StockLine) -> str:
    thing = line.container or line.item
    return judge(
        listed=line.listed, known=thing is not None and _with_us(thing), found=line.found,
        listed_place=line.listed_place, found_place=line.found_place,
        listed_seals=line.listed_seals, found_seals=line.found_seals,
    )  # fmt: skip


@recorded("custody.take_finding_back")
def take_finding_back(*, by: Member, line: StockLine) -> StockLine:
    """Say that a finding was a slip, while counting goes on."""
    _counting(line.take, by=by)
    line.found, line.result, line.found_place, line.found_seals = False, "", "", None
    line.entered_by, line.entered_at = by.actor, timezone.now()
    line.save()
    return line


@recorded("custody.sign_off")
def sign_off(*, by: Member, take: StockTake, note: str = "") -> StockTake:
    """End the counting: what was not found is missing. Differences stay open until each is explained."""
    counted = _counting(take, by=by)
    counted.lines.filter(listed=True, found=False).update(result=Result.MISSING)
    now = timezone.now()
    seen = counted.lines.filter(found=True).exclude(container=None, item=None).select_related("container", "item")
    CustodyEvent.objects.bulk_create(list(_counted(seen, by=by, take=counted)), 2000)
    counted.state, counted.signed_off_at = StockTake.State.SIGNED_OFF, now
    counted.signed_off_by, counted.note = record.said_by(by), note or counted.note
    counted.save()
    return counted


def _counted(lines: Iterable[StockLine], *, by: Member, take: StockTake) -> Iterable[CustodyEvent]:
    for line in lines:
        yield record.event(
            Kind.COUNTED, by=by, at=line.entered_at or timezone.now(), container=line.container, item=line.item,
            store=take.store, place=line.found_place, subject=take.journal_name,
        )  # fmt: skip


@recorded("custody.abandon_stocktaking")
def abandon_stocktaking(*, by: Member, take: StockTake, reason: str) -> StockTake:
    """Give a stock-taking up. What was entered is kept and says nothing."""
    counting = _counting(take, by=by)
    if not reason.strip():
        raise Refused("reason-empty")
    counting.state, counting.note = StockTake.State.ABANDONED, reason
    counting.save(update_fields=["state", "note"])
    return counting


@recorded("custody.explain_difference")
def explain_difference(*, by: Member, line: StockLine, explanation: str) -> StockLine:
    """Say what explains a difference; it is settled by that, and stays in the record."""
    by.require("keep custody")
    line = StockLine.objects.select_for_update(of=("self",)).select_related("take").get(pk=line.pk)
    if line.take.holder_id != by.party_id:
        raise Refused(NOT_FOUND)
    if line.result in ("", Result.PRESENT) or line.take.state != StockTake.State.SIGNED_OFF:
        raise Refused("nothing-to-explain", number=line.number)
    if not explanation.strip():
        raise Refused("reason-empty")
    line.explanation = "\n".join(part for part in (line.explanation, explanation.strip()) if part)
    line.explained_by, line.explained_at = by.actor, timezone.now()
    line.save(update_fields=["explanation", "explained_by", "explained_at"])
    return line


def _counting(take: StockTake, *, by: Member) -> StockTake:
    by.require("keep custody")
    found = StockTake.objects.select_for_update().filter(pk=take.pk, holder=by.party).first()
    if found is None:
        raise Refused(NOT_FOUND)
    if found.state != StockTake.State.COUNTING:
        raise Refused("not-counting", take=found)
    return found
