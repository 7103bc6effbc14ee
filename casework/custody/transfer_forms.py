"""What is asked of someone who acts in a transfer: one form an act, one row a line, prefilled with what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.agreements.models import Commitment
from casework.custody.forms import NOTE, Numbers, When, found_container
from casework.custody.models import Condition, Container, ManifestLine, Transfer
from casework.custody.numbers import listed
from casework.custody.words import said
from casework.parties.models import Party
from homeward.seals.bodies import DISCREPANCIES, FOUND, RECEIPT_OUTCOMES, RESOLUTIONS
from homeward.seals.reckoning import Account

NUMERIC = {"inputmode": "numeric", "class": "short"}
EMPTY: Any = Party.objects.none()


class PartyField(forms.ModelChoiceField):
    """A party, by its name in the reader's language."""

    def __init__(self, **values: Any) -> None:
        super().__init__(queryset=EMPTY, **{"empty_label": None, **values})

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_name)


def _parties(field: forms.Field, found: Any) -> None:
    assert isinstance(field, PartyField)
    field.queryset = found


class TransferFilter(forms.Form):
    text = forms.CharField(required=False, max_length=100, label=_("Number of a transfer or of a container"))
    state = forms.ChoiceField(required=False, label=_("State"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)
        choices = Transfer._meta.get_field("state").choices
        state.choices = [("", _("every state")), *(choices or ())]


class Plan(forms.Form):
    """What is planned: who gives, who takes, through whom, when and where."""

    direction = forms.ChoiceField(
        choices=[("give", _("We hand over")), ("take", _("We receive"))], widget=forms.RadioSelect, label=_("Direction")
    )
    other = PartyField(label=_("Other side"))
    through = PartyField(required=False, empty_label=_("nobody: directly"), label=_("Through"))
    planned_for = forms.DateField(
        required=False, label=_("Planned for"), widget=forms.DateInput(attrs={"type": "date"})
    )
    place = forms.CharField(required=False, max_length=300, label=_("Place"))
    level = forms.CharField(required=False, max_length=300, label=_("Level"), help_text=_("Who is to meet whom there."))
    purpose = forms.CharField(required=False, max_length=300, label=_("Purpose"))
    terms_en = forms.CharField(required=False, widget=NOTE, label=_("Terms, in English"))
    terms_ko = forms.CharField(required=False, widget=NOTE, label=_("Terms, in Korean"))
    fulfils: forms.ModelMultipleChoiceField[Commitment] = forms.ModelMultipleChoiceField(
        queryset=Commitment.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Towards these commitments"),
    )

    def __init__(self, *args: Any, party: Party, commitments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _parties(self.fields["other"], Party.objects.exclude(pk=party.pk).filter(kind__in=("state", "authority")))
        _parties(self.fields["through"], Party.objects.exclude(pk=party.pk).filter(kind__in=("neutral", "observer")))
        fulfils = self.fields["fulfils"]
        assert isinstance(fulfils, forms.ModelMultipleChoiceField)
        fulfils.queryset = commitments
        if not commitments.exists():
            del self.fields["fulfils"]


class ChangePlan(Plan):
    """The plan of a draft; who gives and who takes stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("direction", "other", "through"):
            del self.fields[name]


class Said(When):
    """Where and when something is said, which is written into the statement."""

    place = forms.CharField(required=False, max_length=300, label=_("Place"))

    def __init__(self, *args: Any, transfer: Transfer, told: Account, party: Party, **kwargs: Any) -> None:
        self.transfer, self.told, self.party = transfer, told, party
        super().__init__(*args, **kwargs)
        self.fields["place"].initial = transfer.place
        last = ("place", "at", "zone")
        self.order_fields([name for name in self.fields if name not in last] + list(last))


class Propose(Said):
    number = forms.CharField(
        max_length=50,
        label=_("Number"),
        help_text=_("Never given before: letters, digits, dots and hyphens, like T-2018-01."),
    )


class OwnNumber(forms.Form):
    number = forms.CharField(max_length=100, label=_("Number in your own files"))

    def __init__(self, *args: Any, transfer: Transfer, told: Account, party: Party, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class Issue(Said):
    numbers = Numbers(label=_("Cases sent empty"), help_text=_("Their numbers, or a range: C-001 to C-100."))

    def clean_numbers(self) -> list[Container]:
        return own_containers(self.cleaned_data["numbers"], self.party)


def own_containers(numbers: Sequence[str], party: Party) -> list[Container]:
    """One's own containers of these numbers; each that is none is named."""
    found: list[Container] = []
    unknown: list[str] = []
    for number in numbers:
        try:
            one = found_container(number, party)
        except ValidationError:
            one = None
        if one is None:
            unknown.append(number)
        else:
            found.append(one)
    if unknown:
        raise ValidationError(
            _("No container of your record has this number: %(numbers)s."), params={"numbers": ", ".join(unknown)}
        )
    return found


class Manifest(Said):
    copies = forms.IntegerField(
        min_value=1, max_value=20, initial=3, label=_("Copies on paper"), widget=forms.TextInput(attrs=NUMERIC)
    )


class SealIt(Said):
    """Nothing but where and when: the seals are those of one's own record."""


class HandOver(Said):
    to = PartyField(label=_("Handed to"))
    received_by = forms.CharField(max_length=200, label=_("Taken by"), help_text=_("The name of whoever takes them."))
    received_by_office = forms.CharField(required=False, max_length=200, label=_("Office"))
    purpose = forms.CharField(required=False, max_length=300, label=_("Purpose"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        takers = [one.pk for one in self.transfer.parties if one not in (self.party, self.transfer.sender)]
        _parties(self.fields["to"], Party.objects.filter(pk__in=takers))
        self.fields["to"].initial = self.transfer.receiver
        self.fields["purpose"].initial = self.transfer.purpose


class Witnessed(Said):
    witness = forms.BooleanField(required=False, label=_("The neutral signs as witness"))
    asks_witness = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["witness"].initial = self.asks_witness
        if self.transfer.through is None or self.transfer.through == self.party:
            del self.fields["witness"]


class Receive(Witnessed):
    """The receipt; its lines stand in rows of their own."""


class Inspect(Witnessed):
    asks_witness = False
    jointly = forms.ChoiceField(
        choices=[("jointly", _("jointly, both sides sign")), ("alone", _("by our side alone"))],
        initial="jointly",
        widget=forms.RadioSelect,
        label=_("Inspected"),
    )

    def clean_jointly(self) -> bool:
        return bool(self.cleaned_data["jointly"] == "jointly")


class InWords(Said):
    """Something said in one language or two."""

    text_en = forms.CharField(required=False, widget=NOTE, label=_("In English"))
    text_ko = forms.CharField(required=False, widget=NOTE, label=_("In Korean"))
    needed = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.needed and not (cleaned.get("text_en", "").strip() or cleaned.get("text_ko", "").strip()):
            self.add_error("text_en", _("Say it in at least one language."))
        return cleaned


class About(InWords):
    """Something about lines of the manifest, or about containers."""

    lines = forms.CharField(
        required=False,
        max_length=500,
        label=_("Lines"),
        help_text=_("Their numbers: 2, 7 or 3 to 5. Empty: the whole."),
    )
    containers = Numbers(required=False, label=_("Containers without a line"))

    def clean_lines(self) -> list[int]:
        numbers = listed(self.cleaned_data["lines"])
        if wrong := [number for number in numbers if not number.isdecimal()]:
            raise ValidationError(_("“%(number)s” is no line number."), params={"number": wrong[0]})
        return sorted({int(number) for number in numbers})


class Reserve(About):
    on = forms.ChoiceField(label=_("On"), help_text=_("The statement that it speaks of."))

    def __init__(self, *args: Any, statements: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on = self.fields["on"]
        assert isinstance(on, forms.ChoiceField)
        on.choices = list(statements)
        self.order_fields(["on", *self.fields])


class Discrepancy(About):
    needed = False
    what = forms.ChoiceField(
        label=_("What differs"),
        choices=[(what, said(f"discrepancy.what.{what}")) for what in DISCREPANCIES],
    )
    declared = forms.CharField(required=False, max_length=300, label=_("As declared"))
    found = forms.CharField(required=False, max_length=300, label=pgettext_lazy("discrepancy", "As found"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["what", "lines", "containers", "declared", "found", *self.fields])


class Resolve(InWords):
    needed = False
    resolves = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label=_("Settles"))
    outcome = forms.ChoiceField(
        label=_("How"),
        choices=[(how, said(f"resolution.outcome.{how}")) for how in RESOLUTIONS],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        resolves = self.fields["resolves"]
        assert isinstance(resolves, forms.ChoiceField)
        resolves.choices = [(one.number, one.number) for one in self.told.open_questions]
        self.order_fields(["resolves", "outcome", *self.fields])


class SendBack(Said):
    to = PartyField(label=_("To"))
    numbers = Numbers(label=_("Containers"), help_text=_("Their numbers, or a range: C-001 to C-100."))
    content = forms.ChoiceField(label=_("Content"), choices=ManifestLine.Content.choices, initial="empty")
    onward = forms.BooleanField(required=False, label=_("Sent on to a third party"))
    reason = forms.CharField(required=False, max_length=300, label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _parties(self.fields["to"], Party.objects.exclude(pk=self.party.pk))
        other = self.transfer.receiver if self.party == self.transfer.sender else self.transfer.sender
        self.fields["to"].initial = other

    def clean_numbers(self) -> list[Container]:
        return own_containers(self.cleaned_data["numbers"], self.party)


class Affiliate(About):
    needed = False
    items = Numbers(
        required=False, label=_("Items"), help_text=_("Their numbers, where not the whole container is meant.")
    )
    group = forms.CharField(required=False, max_length=300, label=_("Whose soldiers they are, without a name"))
    affiliated = PartyField(required=False, empty_label=_("no party to this programme"), label=_("Of the party"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _parties(self.fields["affiliated"], Party.objects.all())
        self.fields["text_en"].label, self.fields["text_ko"].label = _("On what basis, in English"), _("In Korean")
        self.order_fields(["lines", "containers", "items", "group", "affiliated", *self.fields])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("group", "").strip() and cleaned.get("affiliated") is None:
            self.add_error("group", _("Say whose they are: a group, or a party."))
        return cleaned


class Close(InWords):
    needed = False


class RefuseIt(InWords):
    digest = forms.ChoiceField(label=_("What is refused"))

    def __init__(self, *args: Any, statements: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        digest = self.fields["digest"]
        assert isinstance(digest, forms.ChoiceField)
        digest.choices = list(statements)
        self.order_fields(["digest", *self.fields])


class Abort(InWords):
    pass


# ---------- Rows ----------


class Seals(forms.CharField):
    """Seal numbers in one short field."""

    widget = forms.TextInput

    def clean(self, value: Any) -> list[str]:
        return listed(super().clean(value) or "")

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class RowForm(forms.Form):
    """One line. ``shown`` stands in the row; the rest is folded away, filled in with what is known."""

    line = forms.IntegerField(required=False, widget=forms.HiddenInput)
    container = forms.CharField(max_length=100, widget=forms.HiddenInput)
    shown: tuple[str, ...] = ()

    @property
    def in_sight(self) -> list[forms.BoundField]:
        return [self[name] for name in self.shown]

    @property
    def folded(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in (*self.shown, "line", "container", "DELETE", "ORDER")]

    @property
    def unfolded(self) -> bool:
        """Whether what is folded away must be seen: it was not accepted, or something else than known was written."""
        return bool(self.errors) or (self.is_bound and any(field.name in self.changed_data for field in self.folded))

    @property
    def summary(self) -> Mapping[str, Any]:
        return self.initial


def _weight() -> forms.IntegerField:
    return forms.IntegerField(
        required=False, min_value=0, max_value=9_999_999, label=_("Weight, g"), widget=forms.TextInput(attrs=NUMERIC)
    )


def _bags() -> forms.IntegerField:
    return forms.IntegerField(min_value=0, max_value=9999, label=_("Bags"), widget=forms.TextInput(attrs=NUMERIC))


def _note() -> forms.CharField:
    return forms.CharField(required=False, max_length=500, label=pgettext_lazy("remark", "Note"))


class DeclaredRow(RowForm):
    shown = ("content", "description")
    content = forms.ChoiceField(label=_("Content"), choices=ManifestLine.Content.choices)
    description = forms.CharField(required=False, max_length=500, label=_("Description"))
    bags = _bags()
    origin = forms.CharField(required=False, max_length=300, label=_("Where it was found"))
    claim_about = forms.ChoiceField(
        required=False, label=_("What is claimed"), choices=[("", "–"), *ManifestLine.ClaimAbout.choices]
    )
    claim = forms.CharField(required=False, max_length=500, label=_("The claim"))
    left_out = forms.BooleanField(required=False, label=_("Leave this container out"))


class HandedRow(RowForm):
    shown = ("handed", "seal_condition")
    handed = forms.BooleanField(required=False, initial=True, label=_("Handed over"))
    seal_condition = forms.ChoiceField(label=_("Seals"), choices=Condition.choices)
    seals = Seals(required=False, label=_("Numbers of the seals"))
    bags = _bags()
    weight_g = _weight()


OUTCOMES = [(one, said(f"receipt.outcome.{one}")) for one in RECEIPT_OUTCOMES if one != "unlisted_extra"]


class ReceivedRow(RowForm):
    shown = ("outcome",)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES)
    seals = Seals(required=False, label=_("Seals seen"))
    seal_condition = forms.ChoiceField(label=_("Found"), choices=Condition.choices)
    bags = _bags()
    weight_g = _weight()
    note = _note()


class ExtraRow(forms.Form):
    """A container that came without a line."""

    container = forms.CharField(required=False, max_length=100, label=_("Number on it"))
    seals = Seals(required=False, label=_("Seals seen"))
    bags = forms.IntegerField(
        required=False, min_value=0, max_value=9999, label=_("Bags"), widget=forms.TextInput(attrs=NUMERIC)
    )
    weight_g = _weight()
    note = _note()


WHAT_IS_FOUND = [(one, said(f"inspection.found.{one}")) for one in FOUND]


class InspectedRow(RowForm):
    shown = ("inspected", "found", "individuals_estimated")
    inspected = forms.BooleanField(required=False, initial=True, label=_("Inspected"))
    found = forms.ChoiceField(label=_("Found"), choices=WHAT_IS_FOUND)
    individuals_estimated = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=9999,
        label=_("Individuals, estimated"),
        widget=forms.TextInput(attrs=NUMERIC),
    )
    bags = _bags()
    weight_g = _weight()
    seal_condition = forms.ChoiceField(label=_("Seals"), choices=Condition.choices)
    note = _note()


class ListNumbers(forms.Form):
    """Which containers stand on the manifest."""

    numbers = Numbers(label=_("Containers"), help_text=_("Their numbers, or a range: C-001 to C-055."))
    content = forms.ChoiceField(label=_("Content"), choices=ManifestLine.Content.choices)
    description = forms.CharField(required=False, max_length=500, label=_("Description"))
    origin = forms.CharField(required=False, max_length=300, label=_("Where it was found"))

    def __init__(self, *args: Any, party: Party, **kwargs: Any) -> None:
        self.party = party
        super().__init__(*args, **kwargs)

    def clean_numbers(self) -> list[Container]:
        return own_containers(self.cleaned_data["numbers"], self.party)


class Towards(forms.Form):
    """The commitments that a transfer is made towards."""

    fulfils: forms.ModelMultipleChoiceField[Commitment] = forms.ModelMultipleChoiceField(
        queryset=Commitment.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label=_("Commitments")
    )

    def __init__(self, *args: Any, commitments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fulfils = self.fields["fulfils"]
        assert isinstance(fulfils, forms.ModelMultipleChoiceField)
        fulfils.queryset = commitments
