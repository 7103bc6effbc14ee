"""Pages of containers, items and stores: lists, whole histories, and one short form for each act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from casework.custody import actions, forms, queries, stocktaking
from casework.custody.life import ItemState, State
from casework.custody.models import Container, Item, StockLine, StockTake
from casework.custody.stocktaking import Found
from casework.custody.words import reasons
from casework.frame import additions, in_words
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request
from homeward.errors import Fault

PAGE = 100
Words = Any  # a sentence that is put into the reader's language when it is shown


@dataclass(frozen=True, slots=True)
class Act:
    """A form and what it does: the words of the link and of the button, and in which states it is offered."""

    words: Words
    form: Callable[..., django_forms.Form]
    run: Callable[..., Any]
    when: Callable[[Any], bool]
    grave: bool = False
    note: Words = ""


def _in(*states: str) -> Callable[[Any], bool]:
    return lambda thing: thing.state in states and (isinstance(thing, Item) or thing.is_here)


def _here(thing: Any) -> bool:
    return bool(thing.is_here) and thing.state not in (State.LOST, State.UNRETURNED)


OUT = (State.ISSUED, State.IN_TRANSIT)  # sent to another party

# Each runs with ``by``, the thing, and what its form gives.
ON_CONTAINER: Mapping[str, Act] = {
    "pack": Act(
        _("Pack"), forms.Pack, lambda by, it, **v: actions.pack(by=by, container=it, **v),
        _in(State.ISSUED, State.PACKED, State.OPENED, State.RETURNED),
    ),
    "seal": Act(
        _("Put seals on"), forms.PutSeal, lambda by, it, **v: actions.seal(by=by, container=it, **v),
        _in(State.PACKED, State.OPENED, State.SEALED, State.RECEIVED),
    ),
    "check": Act(
        _("Check the seals"), forms.FoundSeals, lambda by, it, **v: actions.check_seals(by=by, container=it, **v),
        lambda it: _here(it) and bool(it.whole_seals),
    ),
    "open": Act(
        _("Open"), forms.FoundSeals, lambda by, it, **v: actions.open_container(by=by, container=it, **v),
        _in(State.SEALED, State.PACKED, State.RECEIVED),
    ),
    "weigh": Act(_("Weigh"), forms.Weigh, lambda by, it, **v: actions.weigh(by=by, container=it, **v), _here),
    "move": Act(_("Move"), forms.Move, lambda by, it, **v: actions.move(by=by, containers=[it], **v), _here),
    "number": Act(
        _("Add another number"), forms.GiveNumber, lambda by, it, **v: actions.give_number(by=by, container=it, **v),
        lambda it: True,
    ),
    "found": Act(
        _("Say that it turned up"), forms.FoundAgain, lambda by, it, **v: actions.found_again(by=by, container=it, **v),
        lambda it: it.state == State.LOST,
    ),
    "unreturned": Act(
        _("Declare not returned"), forms.NoteNeeded,
        lambda by, it, **v: actions.declare_unreturned(by=by, container=it, **v),
        lambda it: not it.is_here and it.numbered_by_id == it.holder_id and it.state in OUT, grave=True,
    ),
    "lost": Act(
        _("Declare lost"), forms.NoteNeeded, lambda by, it, **v: actions.declare_lost(by=by, container=it, **v),
        lambda it: it.state != State.LOST, grave=True,
    ),
    "void": Act(
        _("Void the entry"), forms.Void, lambda by, it, **v: actions.void_container(by=by, container=it, **v),
        _here, grave=True,
        note=_("Only for what should never have been entered. Its number stays its own for ever."),
    ),
}  # fmt: skip

ON_ITEM: Mapping[str, Act] = {
    "pack": Act(
        _("Put into a container"), forms.PackItem,
        lambda by, it, container, **v: actions.pack(by=by, container=container, items=[it], **v), _in(ItemState.HELD),
    ),
    "take-out": Act(
        _("Take out"), forms.TakeOut, lambda by, it, **v: actions.unpack(by=by, item=it, **v),
        lambda it: it.state == ItemState.HELD and it.container_id is not None,
    ),
    "move": Act(
        _("Move"), forms.MoveItem, lambda by, it, **v: actions.move_item(by=by, item=it, **v),
        lambda it: it.state == ItemState.HELD and it.container_id is None,
    ),
    "weigh": Act(
        _("Weigh"), forms.WeighItem, lambda by, it, **v: actions.weigh(by=by, item=it, **v), _in(ItemState.HELD)
    ),
    "sample": Act(
        _("Take a sample"), forms.TakeSample, lambda by, it, **v: actions.take_sample(by=by, item=it, **v),
        _in(ItemState.HELD),
    ),
    "split": Act(
        _("Split"), forms.Split, lambda by, it, **v: actions.split(by=by, item=it, **v), _in(ItemState.HELD)
    ),
    "merge": Act(
        _("Merge with others"), forms.Merge,
        lambda by, it, others, **v: actions.merge(by=by, items=[it, *others], **v), _in(ItemState.HELD),
    ),
    "number": Act(
        _("Add another number"), forms.GiveNumber, lambda by, it, **v: actions.give_number(by=by, item=it, **v),
        _in(ItemState.HELD),
    ),
    "consume": Act(
        _("Nothing is left"), forms.Ended, lambda by, it, **v: actions.consume(by=by, item=it, **v),
        _in(ItemState.HELD), grave=True,
    ),
    "release": Act(
        _("Release to the family"), forms.Ended, lambda by, it, **v: actions.release(by=by, item=it, **v),
        _in(ItemState.HELD), grave=True,
    ),
    "void": Act(
        _("Void the entry"), forms.Void, lambda by, it, **v: actions.void_item(by=by, item=it, **v),
        _in(ItemState.HELD), grave=True,
        note=_("Only for what should never have been entered. Its number stays its own for ever."),
    ),
}  # fmt: skip


def offered(acts: Mapping[str, Act], thing: Any, by: Member) -> list[tuple[str, Act]]:
    """What a member may do with a thing in its present state."""
    if not by.may("keep custody") or thing.voided_at or thing.holder_id != by.party_id:
        return []
    return [(name, act) for name, act in acts.items() if act.when(thing)]


def told(form: django_forms.Form, refused: Refused) -> None:
    """Say at the form why an act was refused, and show what has the number already."""
    words = in_words(refused.code, "refusals")
    old = refused.about.get("old")
    if isinstance(old, Container | Item):
        view = "custody:container" if isinstance(old, Container) else "custody:item"
        form.add_error(None, format_html('{} <a href="{}">{}</a>', words, reverse(view, args=(old.pk,)), old.number))
        return
    if refused.code == "transfer-refused":
        for reason in reasons(refused.about):
            form.add_error(None, reason)
        return
    about = refused.about
    named = next((about[name] for name in ("number", "numbers", "seals", "reasons") if name in about), "")
    shown = ", ".join(map(str, named)) if isinstance(named, list | tuple) else str(named)
    form.add_error(None, f"{words} ({shown})" if shown else words)


def attempt(request: Request, form: django_forms.Form, run: Callable[..., Any], *about: Any) -> Any:
    """Run an act with what the form gives; what it returned, or none where the form now says why not."""
    if request.method != "POST" or not form.is_valid():
        return None
    if zone := form.cleaned_data.get("zone"):
        request.session["zone"] = zone
    try:
        return run(request.member, *about, **form.cleaned_data)
    except Refused as refused:
        if refused.code in ("not-permitted", NOT_FOUND):
            raise
        told(form, refused)
        return None


def _shown(request: Request, template: str, **context: Any) -> HttpResponse:
    """A page whose forms offer the stores there are."""
    stores = [row["store"] for row in queries.stores(by=request.member)]
    return render(request, template, {"stores": stores, **context})


# ---------- Containers ----------


def containers(request: Request) -> HttpResponse:
    by = request.member
    found = queries.containers(by=by)
    form = forms.ContainerFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    if asked.get("state"):
        found = found.filter(state=asked["state"])
    if asked.get("store"):
        found = found.filter(store=asked["store"])
    if asked.get("text"):
        found = queries.answering(found, asked["text"])
    page = Paginator(queries.with_weight(found), PAGE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    seals, inside = queries.seals_on(listed), queries.items_in(listed)
    rows = [(one, seals.get(one.pk, []), inside.get(one.pk, 0)) for one in listed]
    context = {"form": form, "page": page, "rows": rows, "asked": asked, "states": queries.by_state(by=by)}
    return _shown(request, "custody/containers.html", **context)


def enter_containers(request: Request) -> HttpResponse:
    request.member.require("keep custody")
    form = forms.EnterContainers(request.POST or None, initial={"zone": forms.zone_of(request.session)})
    entered = attempt(request, form, lambda by, **values: actions.enter_containers(by=by, **values))
    if entered:
        return redirect("custody:container", entered[0].pk) if len(entered) == 1 else redirect("custody:containers")
    return _shown(
        request, "custody/act.html", form=form, title=_("Enter containers"), act=_("Enter them in the record"),
        trail=[(_("Containers"), reverse("custody:containers"))],
    )  # fmt: skip


def container(request: Request, key: int) -> HttpResponse:
    by = request.member
    one = queries.container(key, by=by)
    return render(
        request,
        "custody/container.html",
        {
            "container": one,
            "seals": one.seals.all(),
            "weighings": one.weighings.filter(event__voided_by=None).select_related("event").order_by("-pk"),
            "identifiers": one.identifiers.all(),
            "inside": one.items.filter(voided_at=None).order_by("key"),
            "events": queries.history(one)[:300],
            "acts": offered(ON_CONTAINER, one, by),
            "voidable": actions.VOIDABLE if by.may("keep custody") else (),
            "transfers": queries.transfers_of(one, by=by),
            "sections": additions("custody.container", request, one),
        },
    )


def numbered(request: Request, number: str) -> HttpResponse:
    """The way to a container for those who know only its number."""
    one = queries.numbered(number, by=request.member)
    if one is None:
        raise Refused(NOT_FOUND)
    return redirect("custody:container", one.pk)


def act_on_container(request: Request, key: int, act: str) -> HttpResponse:
    one = queries.container(key, by=request.member)
    return _act(request, one, act, ON_CONTAINER, (_("Containers"), reverse("custody:containers")), "custody:container")


def _act(
    request: Request, thing: Container | Item, name: str, acts: Mapping[str, Act], above: tuple[Words, str], view: str
) -> HttpResponse:
    request.member.require("keep custody")
    act = acts.get(name)
    if act is None:
        raise Refused(NOT_FOUND)
    initial = {"zone": forms.zone_of(request.session)}
    form = act.form(request.POST or None, initial=initial, thing=thing, party=request.member.party)
    back = reverse(view, args=(thing.pk,))
    if attempt(request, form, act.run, thing) is not None:
        return redirect(back)
    return _shown(
        request, "custody/act.html", form=form, title=act.words, act=act.words, grave=act.grave, note=act.note,
        trail=[above, (thing.number, back)], back=back, about=thing,
    )  # fmt: skip


# ---------- Items ----------


def items(request: Request) -> HttpResponse:
    by = request.member
    found = queries.items(by=by)
    form = forms.ItemFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    if asked.get("kind"):
        found = found.filter(kind=asked["kind"])
    if asked.get("text"):
        found = queries.answering(found, asked["text"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "custody/items.html", {"form": form, "page": page, "asked": asked})


def enter_item(request: Request) -> HttpResponse:
    request.member.require("keep custody")
    initial = {"zone": forms.zone_of(request.session), "container": request.GET.get("container", "")}
    form = forms.EnterItem(request.POST or None, initial=initial, party=request.member.party)
    entered = attempt(request, form, lambda by, **values: actions.enter_item(by=by, **values))
    if entered:
        return redirect("custody:item", entered.pk)
    return _shown(
        request, "custody/act.html", form=form, title=_("Enter an item"), act=_("Enter it in the record"),
        trail=[(_("Items"), reverse("custody:items"))],
    )  # fmt: skip


def item(request: Request, key: int) -> HttpResponse:
    by = request.member
    one = queries.item(key, by=by)
    return render(
        request,
        "custody/item.html",
        {
            "item": one,
            "identifiers": one.identifiers.all(),
            "weighings": one.weighings.filter(event__voided_by=None).select_related("event").order_by("-pk"),
            "parents": one.parents.all(),
            "children": one.children.all(),
            "events": queries.history(one)[:300],
            "acts": offered(ON_ITEM, one, by),
            "voidable": actions.VOIDABLE if by.may("keep custody") else (),
            "sections": additions("custody.item", request, one),
        },
    )


def act_on_item(request: Request, key: int, act: str) -> HttpResponse:
    one = queries.item(key, by=request.member)
    return _act(request, one, act, ON_ITEM, (_("Items"), reverse("custody:items")), "custody:item")


def void_event(request: Request, key: int) -> HttpResponse:
    request.member.require("keep custody")
    event = queries.event(key, by=request.member)
    thing = event.container or event.item
    assert thing is not None
    back = reverse("custody:container" if event.container else "custody:item", args=(thing.pk,))
    form = forms.Void(request.POST or None)
    if attempt(request, form, lambda by, **values: actions.void_event(by=by, event=event, **values)) is not None:
        return redirect(back)
    return _shown(
        request, "custody/act.html", form=form, title=_("Void an event"), act=_("Void it"), grave=True, back=back,
        event=event, trail=[(_("Custody"), reverse("custody:containers")), (thing.number, back)],
    )  # fmt: skip


# ---------- Stock-taking ----------


def stocktakes(request: Request) -> HttpResponse:
    by = request.member
    form = forms.Begin(request.POST or None, initial={"store": request.GET.get("store", "")})
    begun = attempt(request, form, lambda by, **values: stocktaking.begin_stocktaking(by=by, **values))
    if begun is not None:
        return redirect("custody:stocktake", begun.number)
    takes, lying = queries.stocktakes(by=by)[:100], queries.stores(by=by)
    return _shown(request, "custody/stocktakes.html", form=form, takes=takes, lying=lying)


def stocktake(request: Request, number: int) -> HttpResponse:
    """The page of one: while counting it takes one number after another."""
    take = queries.stocktake(number, by=request.member)
    form = forms.FoundOne(request.POST or None, initial={"place": request.GET.get("place", "")})

    def enter(by: Member, **values: Any) -> StockTake:
        return stocktaking.enter_found(by=by, take=take, found=[Found(**values)])

    if attempt(request, form, enter) is not None:
        place = form.cleaned_data["place"]  # the next is likely on the same shelf
        return redirect(f"{reverse('custody:stocktake', args=(number,))}{f'?place={place}' if place else ''}")
    return _take(request, take, form=form)


def _take(request: Request, take: StockTake, **context: Any) -> HttpResponse:
    lines = queries.stock_lines(take)
    asked = request.GET.get("result", "")
    counting = take.state == StockTake.State.COUNTING
    shown = lines.filter(result=asked) if asked else lines.exclude(result=StockLine.Result.PRESENT)
    if counting and not asked:
        shown = lines.exclude(result__in=("", StockLine.Result.PRESENT))
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    return _shown(
        request,
        "custody/stocktake.html",
        **{
            "take": take,
            "counting": counting,
            "page": page,
            "asked": asked,
            "by_result": _by_result(queries.results(take)),
            "latest": lines.filter(found=True).order_by("-entered_at", "-pk")[:8] if counting else [],
            "many": forms.FoundMany(),
            "off": forms.SignOff(),
            **context,
        },
    )


def _by_result(lines: Mapping[str, int]) -> list[dict[str, Any]]:
    named = [("", _("listed and not found yet")), *StockLine.Result.choices]
    return [{"code": code, "words": words, "lines": lines[code]} for code, words in named if lines.get(code)]


@require_POST
def found_many(request: Request, number: int) -> HttpResponse:
    take = queries.stocktake(number, by=request.member)
    many = forms.FoundMany(request.POST, request.FILES)
    rejected: list[Fault] = []
    if many.is_valid():
        rows, rejected = many.read()
        if not rejected:
            found = [Found(row.number, row.place, row.seals) for row in rows]
            stocktaking.enter_found(by=request.member, take=take, found=found)
            return redirect("custody:stocktake", number)
    return _take(request, take, form=forms.FoundOne(), many=many, rejected=rejected)


@require_POST
def sign_off(request: Request, number: int) -> HttpResponse:
    take = queries.stocktake(number, by=request.member)
    stocktaking.sign_off(by=request.member, take=take, note=request.POST.get("note", "").strip())
    return redirect("custody:stocktake", number)


def abandon(request: Request, number: int) -> HttpResponse:
    request.member.require("keep custody")
    take = queries.stocktake(number, by=request.member)
    form, back = forms.Void(request.POST or None), reverse("custody:stocktake", args=(number,))

    def give_up(by: Member, reason: str) -> StockTake:
        return stocktaking.abandon_stocktaking(by=by, take=take, reason=reason)

    if attempt(request, form, give_up) is not None:
        return redirect(back)
    return _shown(
        request, "custody/act.html", form=form, title=_("Abandon this stock-taking"), act=_("Abandon it"), grave=True,
        back=back, trail=[(_("Stock-taking"), reverse("custody:stocktakes")), (str(take), back)],
    )  # fmt: skip


@require_POST
def take_finding_back(request: Request, key: int) -> HttpResponse:
    line = queries.stock_line(key, by=request.member)
    stocktaking.take_finding_back(by=request.member, line=line)
    return redirect("custody:stocktake", line.take.number)


def explain(request: Request, key: int) -> HttpResponse:
    request.member.require("keep custody")
    line = queries.stock_line(key, by=request.member)
    form, back = forms.Explain(request.POST or None), reverse("custody:stocktake", args=(line.take.number,))

    def say(by: Member, explanation: str) -> StockLine:
        return stocktaking.explain_difference(by=by, line=line, explanation=explanation)

    if attempt(request, form, say) is not None:
        return redirect(back)
    return _shown(
        request, "custody/act.html", form=form, title=_("Explain a difference"), act=_("Write it down"), back=back,
        line=line, trail=[(_("Stock-taking"), reverse("custody:stocktakes")), (str(line.take), back)],
    )  # fmt: skip
