"""What is asked of someone who records talks, an agreement, or how a commitment stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.agreements.models import (
    Agreement,
    Assessment,
    Attribute,
    Clause,
    Commitment,
    CommitmentState,
    Forum,
    Session,
    Tier,
)
from casework.documents.acting import ActForm, DateText, DocumentNumber, QuotationNumber
from casework.documents.forms import AREA, LANGUAGES, UNSTATED
from casework.documents.models import Qualifier, Unit
from casework.parties.models import Member, Party
from casework.parties.queries import parties as every_party
from casework.parties.refusal import Refused

CODE_HINT = _("Letters, digits and hyphens. It is never used again for something else.")
DAY = {"date-unclear": "day", "day-missing": "day", "not-yet": "day", "day-before": "day"}


class OneOf(forms.ModelChoiceField):
    """One record, or the word for none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", _("Choose") if kwargs.get("required", True) else _("not stated"))
        super().__init__(**kwargs)


class PartyField(OneOf):
    """A party, by its name in the reader's language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Party.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_name)


class PartiesField(forms.ModelMultipleChoiceField):
    """Several parties."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Party.objects.none(), widget=forms.CheckboxSelectMultiple, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_name)


class Titled(OneOf):
    """A record by its name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{getattr(obj, 'code', obj.pk)}: {obj.shown_name}" if hasattr(obj, "shown_name") else str(obj)


class LocalTime(forms.DateTimeField):
    """A time as the clocks of the place showed it; its zone stands in the form's field ``zone``."""

    widget = forms.DateTimeInput(attrs={"class": "code", "placeholder": "2018-07-15 10:00"})


class Among(ActForm):
    """A form whose choices are those of one record: ``among`` names the rows of each field."""

    def __init__(self, *args: Any, by: Member, among: Mapping[str, QuerySet[Any]], **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        for name, rows in among.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


def in_zone(given: dict[str, Any]) -> dict[str, Any]:
    """Times as moments: the clock's reading, taken in the zone that the form names."""
    try:
        place = ZoneInfo(given.get("zone") or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused("zone-unknown", zone=given.get("zone")) from None
    moments = {name: value for name, value in given.items() if isinstance(value, datetime)}
    return {**given, **{name: value.replace(tzinfo=place) for name, value in moments.items()}}


# ---------- Forums ----------


class ForumForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "code-taken": "code",
        "code-form": "code",
        "two-sides": "sides",
        "no-seat": "sides",
        "date-unclear": "opened_on",
    }

    code = forms.SlugField(max_length=50, label=_("Code"), help_text=CODE_HINT)
    name = forms.CharField(max_length=300, label=_("Name"))
    name_ko = forms.CharField(max_length=300, required=False, label=_("Name in Korean"))
    about = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("What it is for"))
    opened_on = DateText(required=False, label=_("Since"))
    sides = PartiesField(label=_("Sides"))
    chair = PartyField(required=False, label=_("Neutral chair"))
    observers = PartiesField(required=False, label=_("Observers"))
    levels = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        label=_("Levels at which it meets"),
        help_text=_("One a line, the highest first: code; name; Korean name."),
        initial="general; General level; 장성급\nworking; Working level; 실무급",
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        for name in ("sides", "chair", "observers"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = every_party()

    def clean_levels(self) -> list[tuple[str, str, str]]:
        levels = []
        for line in filter(None, map(str.strip, self.cleaned_data["levels"].splitlines())):
            parts = [part.strip() for part in line.split(";")]
            if len(parts) not in (2, 3) or not forms.SlugField().clean(parts[0]):
                raise forms.ValidationError(_("One a line, the highest first: code; name; Korean name."))
            levels.append((parts[0], parts[1], parts[2] if len(parts) == 3 else ""))
        return levels


class MandateForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"acts-for-itself": "principal", "date-unclear": "since", "no-seat": "agent"}

    agent = PartyField(label=_("Who acts"))
    principal = PartyField(label=_("For whom"))
    forum: forms.ModelChoiceField[Forum] = Titled(
        queryset=Forum.objects.none(), required=False, label=_("At which forum"), empty_label=_("everywhere")
    )
    since = DateText(required=False, label=_("Since"))
    until = DateText(required=False, label=_("Until"))
    scope = forms.CharField(max_length=300, required=False, label=_("In what"))
    quotation = QuotationNumber(required=False, label=_("Number of the quotation that says so"))

    def __init__(self, *args: Any, by: Member, forums: QuerySet[Forum], **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        for name, rows in (("agent", every_party()), ("principal", every_party()), ("forum", forums)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class TierForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"code-taken": "code", "code-form": "code"}

    code = forms.SlugField(max_length=50, label=_("Code"))
    name = forms.CharField(max_length=300, label=_("Name"))
    name_ko = forms.CharField(max_length=300, required=False, label=_("Name in Korean"))
    rank = forms.IntegerField(min_value=1, max_value=99, initial=1, label=_("Rank, the highest is 1"))


class PauseForm(Among):
    beside: ClassVar[Mapping[str, str]] = {
        "date-unclear": "since",
        "day-missing": "since",
        "reason-whose": "claimant",
    }

    since = DateText(label=_("Since"))
    party = PartyField(required=False, label=_("Who stopped it"))
    text = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Reason given"))
    claimant = forms.CharField(max_length=300, required=False, label=_("Who gave it"))
    quotation = QuotationNumber(required=False, label=_("Number of the quotation that says so"))


class UntilForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"date-unclear": "until", "day-missing": "until", "day-before": "until"}

    until = DateText(label=_("Met again on"))


# ---------- Proposals and sessions ----------


class ProposalForm(Among):
    beside: ClassVar[Mapping[str, str]] = {
        "own-proposal": "party",
        "no-seat": "party",
        "date-unclear": "for_day",
        "zone-unknown": "zone",
        "not-found": "quotation",
    }

    party = PartyField(label=_("Who proposes"), empty_label=None)
    for_day = DateText(required=False, label=_("To meet on"))
    place = forms.CharField(max_length=300, required=False, label=_("Place"))
    tier: forms.ModelChoiceField[Tier] = Titled(queryset=Tier.objects.none(), required=False, label=_("Level"))
    asks_for = forms.CharField(
        max_length=300, required=False, label=_("Asks for as counterpart"), help_text=_("Rank or office, as worded.")
    )
    made_on = DateText(required=False, label=_("Proposed on"))
    made_at = LocalTime(required=False, label=_("Proposed at, local time"))
    zone = forms.CharField(max_length=60, initial="UTC", label=_("Time zone"))
    channel = forms.CharField(max_length=300, required=False, label=_("How"), help_text=_("Letter, telephone."))
    text = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("In its own words"))
    quotation = QuotationNumber(required=False, label=_("Number of the quotation that says so"))


class AnswerForm(Among):
    beside: ClassVar[Mapping[str, str]] = {"own-proposal": "party", "no-seat": "party", "date-unclear": "answered_on"}

    accepts = forms.TypedChoiceField(
        choices=[("yes", _("accepted")), ("no", _("declined"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        label=_("Answer"),
    )
    party = PartyField(label=_("Who answers"), empty_label=None)
    answered_on = DateText(required=False, label=_("Answered on"))
    text = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("In its own words"))


class WithdrawForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"date-unclear": "on"}

    on = DateText(required=False, label=_("Withdrawn on"))
    text = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("In its own words"))


class PastForm(Among):
    beside: ClassVar[Mapping[str, str]] = {**DAY, "code-taken": "number", "absent-missing": "absent"}

    day = DateText(label=_("Day"))
    state = forms.ChoiceField(
        choices=[("held", _("held")), ("not_held", _("not held")), ("postponed", _("postponed"))], label=_("State")
    )
    tier: forms.ModelChoiceField[Tier] = Titled(queryset=Tier.objects.none(), required=False, label=_("Level"))
    number = forms.IntegerField(min_value=1, required=False, label=_("Number"), help_text=_("Empty: the next."))
    place = forms.CharField(max_length=300, required=False, label=_("Place"))
    absent = PartiesField(required=False, label=_("Who stayed away"))
    note = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Remark"))


class HoldForm(Among):
    beside: ClassVar[Mapping[str, str]] = {**DAY, "zone-unknown": "zone", "ends-before": "ends_at"}

    day = DateText(required=False, label=_("Day"))
    starts_at = LocalTime(required=False, label=_("Began, local time"))
    ends_at = LocalTime(required=False, label=_("Ended, local time"))
    zone = forms.CharField(max_length=60, label=_("Time zone"), help_text=_("Such as Asia/Seoul or UTC."))
    place = forms.CharField(max_length=300, required=False, label=_("Place"))
    tier: forms.ModelChoiceField[Tier] = Titled(queryset=Tier.objects.none(), required=False, label=_("Level"))
    note = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Remark"))


class HaltForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {**DAY, "reason-whose": "claimant", "not-found": "quotation"}

    day = DateText(required=False, label=_("Day"))
    text = forms.CharField(
        widget=forms.Textarea(attrs=AREA),
        required=False,
        label=_("Reason given"),
        help_text=_("Kept as a claim of whoever gave it, beside what others say."),
    )
    claimant = forms.CharField(max_length=300, required=False, label=_("Who gave it"))
    quotation = QuotationNumber(required=False, label=_("Number of the quotation that says so"))
    note = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Remark"))


class NotHeldForm(HaltForm, Among):
    beside: ClassVar[Mapping[str, str]] = {**HaltForm.beside, "absent-missing": "absent", "no-seat": "absent"}
    field_order = ("absent",)

    absent = PartiesField(required=False, label=_("Who stayed away"))


class ResumeForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = DAY

    day = DateText(required=False, label=_("Resumed on"))
    note = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Remark"))


class AgendaForm(Among):
    beside: ClassVar[Mapping[str, str]] = {"nothing-quoted": "text", "not-found": "quotation"}

    text = forms.CharField(widget=forms.Textarea(attrs=AREA), label=_("Item"))
    inside = forms.TypedChoiceField(
        choices=[("yes", _("on the agenda")), ("no", _("expressly outside it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
        label=_("Place on the agenda"),
    )
    party = PartyField(required=False, label=_("Who says so"), empty_label=_("both sides"))
    language = forms.ChoiceField(choices=[UNSTATED, *LANGUAGES], required=False, label=_("Language"))
    quotation = QuotationNumber(required=False, label=_("Number of the quotation that says so"))


class DelegateForm(Among):
    beside: ClassVar[Mapping[str, str]] = {
        "name-missing": "name",
        "delegate-named": "name",
        "no-seat": "party",
        "not-found": "quotation",
    }

    party = PartyField(label=_("For whom he or she acts"), empty_label=None)
    name = forms.CharField(max_length=300, label=_("Name"), help_text=_("As the source writes it."))
    name_native = forms.CharField(max_length=300, required=False, label=_("Name in its own script"))
    organisation = PartyField(
        required=False,
        label=_("Belongs to"),
        help_text=_("Where it is not the party itself."),
        empty_label=_("the party"),
    )
    rank = forms.CharField(max_length=300, required=False, label=pgettext_lazy("military", "Rank"))
    office = forms.CharField(max_length=300, required=False, label=_("Office"))
    leads = forms.BooleanField(required=False, label=_("Leads the delegation"))
    quotation = QuotationNumber(required=False, label=_("Number of the quotation that says so"))


class AttributeForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "attribute-said": "value",
        "nothing-claimed": "value",
        "not-found": "quotation",
    }

    kind = forms.ChoiceField(choices=Attribute.Kind.choices, label=_("What is said"))
    value = forms.CharField(max_length=300, label=_("As the source writes it"))
    quotation = QuotationNumber(required=False, label=_("Number of the quotation that says so"))


class MinutesForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "not-found": "document",
        "minutes-not-ours": "document",
        "already-kept": "document",
        "language-missing": "language",
    }

    document = DocumentNumber(
        label=_("Number of the document"), help_text=_("A file that your party keeps among its documents.")
    )
    language = forms.ChoiceField(choices=[UNSTATED, *LANGUAGES], required=False, label=_("Language"))
    summary = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("What they say, in short"))


class FingerprintForm(Among):
    beside: ClassVar[Mapping[str, str]] = {
        "fingerprint-form": "fingerprint",
        "fingerprint-written": "fingerprint",
        "no-seat": "party",
    }

    party = PartyField(label=_("Whose key"), empty_label=None)
    fingerprint = forms.CharField(
        max_length=120,
        label=_("Fingerprint, as read out"),
        help_text=_("Sixteen groups of four."),
        widget=forms.Textarea(attrs={"rows": 2, "class": "code"}),
    )
    name = forms.CharField(max_length=200, required=False, label=_("Who holds the key"))


# ---------- Agreements and commitments ----------


class AgreementForm(Among):
    beside: ClassVar[Mapping[str, str]] = {
        "code-taken": "code",
        "code-form": "code",
        "no-seat": "parties",
        "date-unclear": "dated",
        "day-missing": "dated",
        "before-its-parent": "parent",
        "not-found": "document",
    }

    code = forms.SlugField(max_length=50, label=_("Code"), help_text=CODE_HINT)
    name = forms.CharField(max_length=300, label=_("Title"))
    name_ko = forms.CharField(max_length=300, required=False, label=_("Title in Korean"))
    kind = forms.ChoiceField(choices=Agreement.Kind.choices, label=_("Kind"), initial="agreement")
    parties = PartiesField(label=_("Parties"))
    dated = DateText(label=_("Date"))
    place = forms.CharField(max_length=300, required=False, label=_("Place"))
    session: forms.ModelChoiceField[Session] = Titled(
        queryset=Session.objects.none(), required=False, label=_("Made at which session")
    )
    parent: forms.ModelChoiceField[Agreement] = Titled(
        queryset=Agreement.objects.none(), required=False, label=_("Carries out")
    )
    document = DocumentNumber(required=False, label=_("Number of the document"))


class WordsForm(ActForm):
    """A quoted text in one language, with its source."""

    beside: ClassVar[Mapping[str, str]] = {
        "nothing-quoted": "text",
        "already-quoted": "language",
        "not-found": "quotation",
    }

    language = forms.ChoiceField(choices=LANGUAGES, label=_("Language"))
    text = forms.CharField(widget=forms.Textarea(attrs=AREA), label=_("Quoted, word for word"))
    original = forms.TypedChoiceField(
        choices=[("yes", _("its own wording")), ("no", _("our translation"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
        label=_("This text is"),
    )
    quotation = QuotationNumber(required=False, label=_("Number of the quotation"))
    document = DocumentNumber(required=False, label=_("Number of the document"))
    page = forms.CharField(max_length=40, required=False, label=_("Page"))


class ClauseForm(WordsForm):
    field_order = ("number",)

    number = forms.CharField(max_length=20, label=_("Number of the clause"))


class CommitmentForm(WordsForm, Among):
    beside: ClassVar[Mapping[str, str]] = {
        **WordsForm.beside,
        "code-taken": "code",
        "code-form": "code",
        "obligor-missing": "obligors",
        "no-seat": "parties",
        "due-before-agreement": "due",
        "before-its-parent": "parent",
        "not-a-count": "target",
        "date-unclear": "due",
    }
    field_order = ("code", "name", "name_ko", "agreement", "clause", "session", "parent", "obligors", "parties")

    code = forms.SlugField(max_length=50, label=_("Code"), help_text=CODE_HINT)
    name = forms.CharField(max_length=300, label=_("In short"))
    name_ko = forms.CharField(max_length=300, required=False, label=_("In short, in Korean"))
    agreement: forms.ModelChoiceField[Agreement] = Titled(
        queryset=Agreement.objects.none(), required=False, label=_("From which agreement")
    )
    clause: forms.ModelChoiceField[Clause] = Titled(
        queryset=Clause.objects.none(), required=False, label=_("From which clause")
    )
    session: forms.ModelChoiceField[Session] = Titled(
        queryset=Session.objects.none(), required=False, label=_("Made at which session")
    )
    parent: forms.ModelChoiceField[Commitment] = Titled(
        queryset=Commitment.objects.none(), required=False, label=_("Part of")
    )
    obligors = PartiesField(label=_("Who is bound"))
    parties = PartiesField(
        required=False, label=_("Between whom"), help_text=_("Empty: the parties of the agreement, or those bound.")
    )
    stated_on = DateText(required=False, label=_("Stated on"))
    due = DateText(required=False, label=_("Due"))
    measure = forms.CharField(max_length=300, required=False, label=_("What is counted"))
    measure_ko = forms.CharField(max_length=300, required=False, label=_("What is counted, in Korean"))
    qualifier = forms.ChoiceField(choices=Qualifier.choices, label=_("As worded"))
    target = forms.CharField(max_length=30, required=False, label=_("Target"))
    unit = forms.ChoiceField(choices=Unit.choices, label=pgettext_lazy("of a number", "Unit"))
    state = forms.ChoiceField(choices=[("stated", _("stated")), ("agreed", _("agreed"))], label=_("State"))


class MoveForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "commitment-life": "state",
        "needs-assessments": "state",
        "date-unclear": "day",
    }

    state = forms.ChoiceField(
        choices=[
            (state.value, state.label)
            for state in (
                CommitmentState.AGREED,
                CommitmentState.UNDER_WAY,
                CommitmentState.LAPSED,
                CommitmentState.WITHDRAWN,
            )
        ],
        label=_("State"),
    )
    day = DateText(required=False, label=_("Day"))
    why = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Why"))


class AssessmentForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"not-a-count": "done", "date-unclear": "as_of", "day-missing": "as_of"}

    view = forms.ChoiceField(choices=Assessment.View.choices, widget=forms.RadioSelect, label=_("Our view"))
    done = forms.CharField(
        max_length=30, required=False, label=_("Done so far"), help_text=_("In the commitment’s own unit.")
    )
    as_of = DateText(label=_("As of"))
    text = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("In our own words"))
    language = forms.ChoiceField(choices=[UNSTATED, *LANGUAGES], required=False, label=_("Language"))


class EvidenceForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "object-form": "object",
        "already-linked": "object",
        "not-a-count": "amount",
    }

    object = forms.CharField(
        max_length=200,
        label=_("Evidence"),
        help_text=_("By its kind and number, such as transfer:T-2018-01, session:… or document:sha256:…"),
    )
    amount = forms.CharField(max_length=30, required=False, label=_("How much of it counts"))
    unit = forms.ChoiceField(choices=Unit.choices, label=pgettext_lazy("of a number", "Unit"))
    note = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Remark"))


class PromisedFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Commitment, by its words or code"))
    view = forms.ChoiceField(
        required=False, choices=[("", _("every state")), *CommitmentState.choices], label=_("State")
    )
    bound = forms.ChoiceField(required=False, label=_("Who is bound"))

    def __init__(self, *args: Any, parties: list[Party], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["bound"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("every party")), *((party.code, party.shown_name) for party in parties)]
