"""What is asked of someone who keeps custody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.custody.life import FIRST, State
from casework.custody.models import Condition, Container, Identifier, Item
from casework.custody.numbers import listed
from casework.custody.queries import any_number
from casework.parties.models import Party
from homeward.errors import Fault
from homeward.formats.stock import StockRow, read_stock

SHORT = forms.TextInput(attrs={"class": "short"})
NOTE = forms.Textarea(attrs={"rows": 3})
FIRST_STATES = [(state.value, state.label) for state in State if state in FIRST]


class ContainerFilter(forms.Form):
    text = forms.CharField(required=False, max_length=100, label=_("Number, of whatever office, or seal"))
    state = forms.ChoiceField(required=False, choices=[("", _("every state")), *State.choices], label=_("State"))
    store = forms.CharField(required=False, max_length=200, label=_("Store"))


class ItemFilter(forms.Form):
    text = forms.CharField(required=False, max_length=100, label=_("Number, of whatever office"))
    kind = forms.ChoiceField(required=False, choices=[("", _("every kind")), *Item.Kind.choices], label=_("Kind"))


class Numbers(forms.CharField):
    """Several numbers in one text, a range among them."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})

    def clean(self, value: Any) -> list[str]:
        numbers = listed(super().clean(value) or "")
        if too_long := [number for number in numbers if len(number) > 100]:
            raise ValidationError(_("“%(number)s” is longer than 100 signs."), params={"number": too_long[0][:40]})
        return numbers


class When(forms.Form):
    """When something happened, by the clock of the place where it happened."""

    at = forms.DateTimeField(
        required=False,
        label=_("When"),
        help_text=_("Leave empty for now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    zone = forms.CharField(
        initial="UTC", max_length=50, label=_("Time zone of the place"), widget=forms.TextInput(attrs={"list": "zones"})
    )

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise ValidationError(_("This zone is not known. Write it like Asia/Seoul."))
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        at, zone = cleaned.get("at"), cleaned.get("zone")
        if isinstance(at, datetime) and zone:  # what was typed is that place's clock, not the server's
            cleaned["at"] = timezone.make_naive(at, timezone.get_current_timezone()).replace(tzinfo=ZoneInfo(zone))
        return cleaned


class EnterContainers(When):
    numbers = Numbers(label=_("Numbers"), help_text=_("One or more, or a range: C-001 to C-100."))
    kind = forms.ChoiceField(choices=Container.Kind.choices, label=_("Kind"))
    state = forms.ChoiceField(choices=FIRST_STATES, label=_("State"), help_text=_("When it enters the record."))
    store = forms.CharField(required=False, max_length=200, label=_("Store"))
    place = forms.CharField(required=False, max_length=200, label=_("Shelf or place in it"))
    note = forms.CharField(required=False, widget=NOTE, label=pgettext_lazy("remark", "Note"))
    field_order = ("numbers", "kind", "state", "store", "place", "note", "at", "zone")


class OnContainer(When):
    """An act on one container; its fields may depend on it."""

    def __init__(self, *args: Any, thing: Container, party: Party, **kwargs: Any) -> None:
        self.thing, self.party = thing, party
        super().__init__(*args, **kwargs)
        self.order_fields(_in_order(self.fields))


def _in_order(names: Iterable[str]) -> list[str]:
    """What is asked of the act itself first; then the note, and when."""
    last = ("note", "at", "zone")
    return [name for name in names if name not in last] + list(last)


class Noted(OnContainer):
    note = forms.CharField(required=False, widget=NOTE, label=pgettext_lazy("remark", "Note"))


class NoteNeeded(OnContainer):
    note = forms.CharField(widget=NOTE, label=_("What is known"))


class Pack(Noted):
    items = Numbers(
        required=False,
        label=_("Items put in"),
        help_text=_("Their numbers. Leave empty where nothing is entered as an item; the note says what it is."),
    )

    def clean_items(self) -> list[Item]:
        return found_items(self.cleaned_data["items"], self.party)


def found_items(numbers: list[str], party: Party) -> list[Item]:
    """The items of these numbers; each that is none is named."""
    found = [(number, any_number(number, holder=party)) for number in numbers]
    if unknown := [number for number, one in found if not isinstance(one, Item)]:
        raise ValidationError(
            _("No item of your record has this number: %(numbers)s."), params={"numbers": ", ".join(unknown)}
        )
    return [one for _number, one in found if isinstance(one, Item)]


class PutSeal(Noted):
    numbers = Numbers(label=_("Numbers of the seals"), help_text=_("As they stand on the seals."))
    applied_by = forms.CharField(
        required=False, max_length=300, label=_("Put on by"), help_text=_("Leave empty if it was you.")
    )


class FoundSeals(Noted):
    """How each seal that should be whole was found: one choice a seal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seals = self.thing.whole_seals
        choices = [choice for choice in Condition.choices if choice[0] != Condition.NONE]
        for seal in self.seals:
            self.fields[f"seal_{seal.pk}"] = forms.ChoiceField(
                choices=choices, label=_("Seal %(number)s") % {"number": seal.number}, widget=forms.RadioSelect
            )
        self.order_fields(_in_order(self.fields))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["conditions"] = {
            seal.pk: cleaned.pop(f"seal_{seal.pk}") for seal in self.seals if f"seal_{seal.pk}" in cleaned
        }
        return cleaned


class Weigh(Noted):
    weight_g = forms.IntegerField(
        min_value=1,
        max_value=2_000_000,
        label=_("Weight, g"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    scale = forms.CharField(
        required=False, max_length=200, label=_("Scale"), help_text=_("Whose, and when calibrated.")
    )


class Move(Noted):
    store = forms.CharField(max_length=200, label=_("Store"), widget=forms.TextInput(attrs={"list": "stores"}))
    place = forms.CharField(required=False, max_length=200, label=_("Shelf or place in it"))


class FoundAgain(Move):
    state = forms.ChoiceField(choices=FIRST_STATES, label=_("State"), help_text=_("As it was found."))


class GiveNumber(forms.Form):
    office = forms.ChoiceField(choices=Identifier.Office.choices, label=_("Whose number"))
    number = forms.CharField(max_length=100, label=_("Number"))

    def __init__(self, *args: Any, thing: Container | Item, party: Party, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class Void(forms.Form):
    reason = forms.CharField(
        widget=NOTE, label=_("Reason"), help_text=_("It stays in the record, struck, with this reason beside it.")
    )

    def __init__(self, *args: Any, thing: Any = None, party: Party | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


# ---------- Items ----------


class EnterItem(When):
    number = forms.CharField(max_length=100, label=_("Number"))
    kind = forms.ChoiceField(choices=Item.Kind.choices, label=_("Kind"))
    collected = forms.BooleanField(required=False, label=_("Collected in the field"))
    container = forms.CharField(required=False, max_length=100, label=_("In container"))
    bag = forms.IntegerField(required=False, min_value=1, max_value=999, label=_("Bag"), widget=SHORT)
    bags = forms.IntegerField(required=False, min_value=1, max_value=999, label=_("of so many bags"), widget=SHORT)
    description = forms.CharField(required=False, max_length=300, label=_("Description"))
    origin = forms.CharField(
        required=False, max_length=300, label=_("Where it was found"), help_text=_("In the words of the source.")
    )
    store = forms.CharField(
        required=False, max_length=200, label=_("Store"), help_text=_("Only if it lies in no container.")
    )
    place = forms.CharField(required=False, max_length=200, label=_("Shelf or place in it"))
    note = forms.CharField(required=False, widget=NOTE, label=pgettext_lazy("remark", "Note"))
    field_order = (
        "number", "kind", "collected", "container", "bag", "bags", "description", "origin", "store", "place", "note",
        "at", "zone",
    )  # fmt: skip

    def __init__(self, *args: Any, party: Party, **kwargs: Any) -> None:
        self.party = party
        super().__init__(*args, **kwargs)

    def clean_container(self) -> Container | None:
        return found_container(self.cleaned_data["container"], self.party)


def found_container(number: str, party: Party) -> Container | None:
    """The container of a number that was given; none if none was."""
    if not number.strip():
        return None
    found = any_number(number, holder=party)
    if not isinstance(found, Container):
        raise ValidationError(_("No container of your record has this number."))
    return found


class OnItem(When):
    """An act on one item."""

    note = forms.CharField(required=False, widget=NOTE, label=pgettext_lazy("remark", "Note"))

    def __init__(self, *args: Any, thing: Item, party: Party, **kwargs: Any) -> None:
        self.thing, self.party = thing, party
        super().__init__(*args, **kwargs)
        self.order_fields(_in_order(self.fields))


class PackItem(OnItem):
    container = forms.CharField(max_length=100, label=_("Into container"))

    def clean_container(self) -> Container | None:
        return found_container(self.cleaned_data["container"], self.party)


class TakeOut(OnItem):
    store = forms.CharField(required=False, max_length=200, label=_("Store"), help_text=_("Where it is put."))
    place = forms.CharField(required=False, max_length=200, label=_("Shelf or place in it"))


class MoveItem(OnItem):
    store = forms.CharField(max_length=200, label=_("Store"), widget=forms.TextInput(attrs={"list": "stores"}))
    place = forms.CharField(required=False, max_length=200, label=_("Shelf or place in it"))


class WeighItem(OnItem):
    weight_g = forms.IntegerField(
        min_value=1, max_value=2_000_000, label=_("Weight, g"), widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    scale = forms.CharField(required=False, max_length=200, label=_("Scale"))


class Split(OnItem):
    numbers = Numbers(label=_("Numbers of the parts"), help_text=_("Two or more, new ones."))

    def clean_numbers(self) -> list[str]:
        numbers: list[str] = self.cleaned_data["numbers"]
        if len(numbers) < 2:
            raise ValidationError(_("An item is split into two or more."))
        return numbers


class Merge(OnItem):
    others = Numbers(label=_("Together with"), help_text=_("Numbers of the other items."))
    number = forms.CharField(max_length=100, label=_("Number of the whole"))

    def clean_others(self) -> list[Item]:
        return found_items(self.cleaned_data["others"], self.party)


class TakeSample(OnItem):
    number = forms.CharField(max_length=100, label=_("Number of the sample"))
    description = forms.CharField(required=False, max_length=300, label=_("Description"))


class Ended(OnItem):
    note = forms.CharField(widget=NOTE, label=_("How, and by whom"))


# ---------- Stock-taking ----------


class Begin(forms.Form):
    store = forms.CharField(max_length=200, label=_("Store"), widget=forms.TextInput(attrs={"list": "stores"}))
    note = forms.CharField(required=False, max_length=500, label=_("Who counts, and how"))


class FoundOne(forms.Form):
    """One number after another: a scanner types it and presses Enter."""

    number = forms.CharField(max_length=100, label=_("Number"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    place = forms.CharField(required=False, max_length=200, label=_("Shelf"))
    seals = forms.CharField(
        required=False, max_length=300, label=_("Seals seen"), help_text=_("Several with a comma; 0 for none.")
    )

    def clean_seals(self) -> tuple[str, ...] | None:
        text = str(self.cleaned_data["seals"]).strip()
        return () if text == "0" else (tuple(listed(text)) or None)


class FoundMany(forms.Form):
    numbers = Numbers(required=False, label=_("Many at once"), help_text=_("Numbers or ranges, as they were found."))
    file = forms.FileField(
        required=False,
        label=_("Or a file"),
        help_text=_("CSV with the columns number, place, seals; or one number a line."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("numbers") and not cleaned.get("file"):
            raise ValidationError(_("Give numbers or a file."))
        return cleaned

    def read(self) -> tuple[list[StockRow], list[Fault]]:
        """What was given, and every row of the file that cannot be used."""
        rows = [StockRow(line, number) for line, number in enumerate(self.cleaned_data.get("numbers") or (), 1)]
        file = self.cleaned_data.get("file")
        if file is None:
            return rows, []
        reading = read_stock(file.read(), name=file.name)
        return [*rows, *reading.rows], list(reading.rejected)


class SignOff(forms.Form):
    note = forms.CharField(required=False, widget=NOTE, label=pgettext_lazy("remark", "Note"))


class Explain(forms.Form):
    explanation = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("What explains it"))


def zone_of(session: Mapping[str, Any]) -> str:
    """The zone that this person wrote last."""
    return str(session.get("zone", "UTC"))
