"""Containers, items, stores and stock-takings of one's own party. What another holds is not found here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from casework.custody.life import HERE
from casework.custody.models import (
    Container,
    CustodyEvent,
    Identifier,
    Item,
    Seal,
    StockLine,
    StockTake,
    Transfer,
    Weighing,
)
from casework.custody.numbers import asked, key_of
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused

Thing = TypeVar("Thing", Container, Item)


def containers(*, by: Member) -> QuerySet[Container]:
    """The containers in one's own party's record, wherever they are now."""
    by.require("see custody")
    return Container.objects.filter(holder=by.party).select_related("keeper", "numbered_by", "holder")


def container(key: int, *, by: Member) -> Container:
    found = containers(by=by).prefetch_related("seals").filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def numbered(number: str, *, by: Member) -> Container | None:
    """The container of this number, own numbers first; none where custody does not know it."""
    found = containers(by=by).filter(key=key_of(number))
    return found.filter(numbered_by=by.party).first() or found.first()


def items(*, by: Member) -> QuerySet[Item]:
    by.require("see custody")
    return Item.objects.filter(holder=by.party).select_related("container", "holder")


def item(key: int, *, by: Member) -> Item:
    found = items(by=by).filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def answering(among: QuerySet[Thing], text: str) -> QuerySet[Thing]:
    """Those that have such a number: their own, an office's, or a seal's.

    A number with an office before it finds the number without, where nothing has the whole.
    """
    for form in asked(text):
        found = among.filter(_having(among.model, form))
        if found.exists():
            return found
    return among.none()


def _having(model: type[Container] | type[Item], form: str) -> Q:
    column = "container" if model is Container else "item"
    others = Identifier.objects.filter(**{column: OuterRef("pk")}, squeezed__contains=form)
    having = Q(squeezed__contains=form) | Q(Exists(others))
    if model is Container:
        having |= Q(Exists(Seal.objects.filter(container=OuterRef("pk"), squeezed__contains=form)))
    return having


def any_number(number: str, *, holder: Party) -> Container | Item | None:
    """The one thing of a party's record that has exactly this number, of whatever office."""
    for form in asked(number):
        exact = {"holder": holder, "squeezed": form}
        own = Container.objects.filter(**exact)[:2] or Item.objects.filter(**exact)[:2]
        if len(own) == 1:
            return own[0]
        others = Identifier.objects.filter(**exact).select_related("container", "item")[:2]
        if len(others) == 1:
            return others[0].container or others[0].item
    return None


def with_weight(among: QuerySet[Container]) -> Any:
    """Containers with ``weight_g``: as last weighed."""
    last = Weighing.objects.filter(container=OuterRef("pk"), event__voided_by=None).order_by("-pk")
    return among.annotate(weight_g=Subquery(last.values("weight_g")[:1]))


def seals_on(among: Sequence[Container]) -> dict[int, list[Seal]]:
    """The seals that should be whole on each, in one look."""
    found: dict[int, list[Seal]] = {}
    keys = [one.pk for one in among]
    for seal in Seal.objects.filter(container__in=keys, broken_at=None, voided_at=None):
        found.setdefault(seal.container_id, []).append(seal)
    return found


def items_in(among: Sequence[Container]) -> dict[int, int]:
    """How many items lie in each."""
    counted = (
        Item.objects.filter(container__in=[one.pk for one in among], voided_at=None, state="held")
        .order_by()
        .values_list("container_id")
        .annotate(Count("pk"))
    )
    return {key: count for key, count in counted if key is not None}


def history(thing: Container | Item) -> QuerySet[CustodyEvent]:
    """All that happened to a thing, newest first, voided events among it."""
    return thing.events.select_related(
        "container", "item", "seal", "keeper", "weighing", "voided_by", "voids"
    ).order_by("-at", "-pk")


def event(key: int, *, by: Member) -> CustodyEvent:
    by.require("see custody")
    found = CustodyEvent.objects.select_related("container", "item", "seal").filter(pk=key, holder=by.party).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def stores(*, by: Member) -> list[dict[str, object]]:
    """The stores of the record, with what the record says lies in each."""
    lying = containers(by=by).filter(keeper=by.party, state__in=HERE, voided_at=None).exclude(store="")
    counted = lying.order_by().values("store").annotate(containers=Count("pk")).order_by("store")
    return [dict(row) for row in counted]


def stocktakes(*, by: Member) -> QuerySet[StockTake]:
    """Stock-takings with ``found``, ``listed`` and ``open`` differences."""
    by.require("see custody")
    unexplained = ~Q(lines__result__in=("", StockLine.Result.PRESENT)) & Q(lines__explained_at=None)
    return StockTake.objects.filter(holder=by.party).annotate(
        listed=Count("lines", filter=Q(lines__listed=True)),
        found=Count("lines", filter=Q(lines__found=True)),
        open=Count("lines", filter=unexplained),
    )


def stocktake(number: int, *, by: Member) -> StockTake:
    found = stocktakes(by=by).filter(number=number).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def stock_lines(take: StockTake) -> QuerySet[StockLine]:
    return take.lines.select_related("container", "item")


def stock_line(key: int, *, by: Member) -> StockLine:
    by.require("see custody")
    found = StockLine.objects.select_related("take", "container", "item").filter(pk=key, take__holder=by.party).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def results(take: StockTake) -> dict[str, int]:
    """How many lines have which result; "" for what is listed and not found yet."""
    counted = take.lines.order_by().values_list("result").annotate(Count("pk"))
    return dict(counted)


def unexplained(party: Party) -> int:
    """Differences of signed stock-takings that nobody has explained."""
    return (
        StockLine.objects.filter(take__holder=party, take__state=StockTake.State.SIGNED_OFF, explained_at=None)
        .exclude(result__in=("", StockLine.Result.PRESENT))
        .count()
    )


def by_state(*, by: Member) -> dict[str, int]:
    counted = containers(by=by).filter(voided_at=None).order_by().values_list("state").annotate(Count("pk"))
    return dict(counted)


# ---------- Transfers ----------


def transfers(*, by: Member) -> QuerySet[Transfer]:
    """The transfers in which one's own party takes part; drafts are its own side's alone."""
    by.require("see custody")
    part = Q(sender=by.party) | Q(receiver=by.party) | Q(through=by.party)
    begun = Q(shared_at__isnull=False) & part
    drafts = Q(shared_at=None, drafted_by=by.party)
    return Transfer.objects.filter(begun | drafts).select_related("sender", "receiver", "through", "drafted_by")


def transfer(code: str, *, by: Member) -> Transfer:
    """One transfer by its number; a draft by what it is called until it has one."""
    found = transfers(by=by)
    _draft, _dash, key = code.rpartition("draft-")
    one = found.filter(number=code).first()
    if one is None and not _draft and key.isdecimal():
        one = found.filter(number="", pk=key).first()
    if one is None:
        raise Refused(NOT_FOUND)
    return one


def transfers_answering(among: QuerySet[Transfer], text: str, *, by: Member) -> QuerySet[Transfer]:
    """Those that have such a number, or in which a container of one's own record with such a number was."""
    boxes = answering(containers(by=by), text)
    about = CustodyEvent.objects.filter(container__in=boxes, subject__startswith="transfer:").values("subject")
    numbers = [row["subject"].removeprefix("transfer:") for row in about.distinct()[:500]]
    listed = Q(manifest_lines__container__in=boxes) & Q(sender=by.party)
    found = Q(number__icontains=text.strip()) | Q(number__in=numbers) | listed
    return among.filter(pk__in=among.filter(found).order_by().values("pk"))


def transfers_of(container: Container, *, by: Member) -> QuerySet[Transfer]:
    """Every transfer that a container was in, or is listed for."""
    subjects = container.events.filter(subject__startswith="transfer:").values_list("subject", flat=True).distinct()
    numbers = [subject.removeprefix("transfer:") for subject in subjects]
    listed = Q(manifest_lines__container=container) & Q(sender=by.party)
    found = transfers(by=by).filter(Q(number__in=numbers) & ~Q(number="") | listed)
    return transfers(by=by).filter(pk__in=found.order_by().values("pk"))
