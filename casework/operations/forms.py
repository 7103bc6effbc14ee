"""What is asked of someone who keeps the search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.documents.acting import ActForm, DateText
from casework.operations import queries
from casework.operations.models import Account, Burial, Operation, Search, Site, Unit
from casework.parties.models import Member, Party
from homeward.errors import Nonsense
from homeward.geography.mgrs import readings
from homeward.geography.theatre import Theatre, read_wkt, theatre
from homeward.programme import Burial as BurialClass
from homeward.programme import Ground, Place, Scenario, ScenarioKind

SHORT = forms.TextInput(attrs={"class": "short code"})
DAY = forms.DateInput(attrs={"type": "date"})
TEXT = forms.Textarea(attrs={"rows": 3})
WKT = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "code"})


class SiteFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Number or name"))
    status = forms.ChoiceField(required=False, choices=[("", _("every state")), *Site.Status.choices], label=_("State"))
    region = forms.ChoiceField(required=False, label=_("Region"))

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.region_id, str(one)) for one in queries.regions(by=by)]
        self.fields["region"].choices = [("", _("every region")), *known]  # type: ignore[attr-defined]


class LeadFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Number, subject or words"))


class OnGroundForm(ActForm):
    """A form that says where something is: degrees, a grid reference of today or of the period, or a drawn shape."""

    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=SHORT, label=_("Latitude, WGS84"))
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=SHORT, label=_("Longitude, WGS84"))
    grid = forms.CharField(
        required=False,
        max_length=60,
        widget=SHORT,
        label=_("Or a grid reference"),
        help_text=_("Of today (52S CG 2142 5958), or of a wartime sheet (CV 5171)."),
    )
    reading = forms.ChoiceField(required=False, label=_("Which reading of it"), widget=forms.RadioSelect)
    radius_m = forms.FloatField(
        required=False,
        min_value=0.1,
        widget=SHORT,
        label=_("Uncertainty, m"),
        help_text=_("Two sigma. Of a grid reference, empty is that of its square and of its datum."),
    )
    geometry = forms.CharField(
        required=False, widget=WKT, label=_("Or a shape"), help_text=_("WKT, longitude then latitude, WGS84.")
    )

    def __init__(self, *args: Any, within: Theatre | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.within = within or theatre("korea")
        self.fields["reading"].widget = forms.HiddenInput()
        text = str(self.data.get("grid", "")) if self.is_bound else ""
        found = self._read(text) if text else ()
        if len(found) > 1:
            self.fields["reading"].widget = forms.RadioSelect()
            self.fields["reading"].choices = [(str(k), self._told(one)) for k, one in enumerate(found)]  # type: ignore[attr-defined]
        else:
            self.fields["reading"].choices = [("0", "")]  # type: ignore[attr-defined]

    def _read(self, text: str) -> Any:
        try:
            return readings(text, theatre=self.within)
        except Nonsense:
            return ()

    @staticmethod
    def _told(one: Any) -> str:
        return f"{one.lat:.4f} N, {one.lon:.4f} E ({one.datum}, {one.lettering}, ±{one.radius_m:.0f} m)"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        parts = {name: given.pop(name, None) for name in ("lat", "lon", "grid", "reading", "radius_m", "geometry")}
        ways = [bool(parts["grid"]), bool(parts["geometry"]), parts["lat"] is not None or parts["lon"] is not None]
        given["ground"] = None
        if sum(ways) > 1:
            raise ValidationError(_("Say where it is in one way: degrees, a grid reference, or a shape."))
        if parts["grid"]:
            given["ground"] = self._of_grid(parts)
        elif parts["geometry"]:
            given["ground"] = self._of_shape(parts["geometry"])
        elif any(ways):
            given["ground"] = self._of_degrees(parts)
        return given

    def _of_degrees(self, parts: dict[str, Any]) -> Ground | None:
        if parts["lat"] is None or parts["lon"] is None:
            self.add_error("lat" if parts["lat"] is None else "lon", _("Both are needed."))
            return None
        if not bool(self.within.contains(parts["lat"], parts["lon"])):
            self.add_error("lat", _("This lies outside the theatre of the search. Check the order of the two numbers."))
        return Ground(place=Place(lat=parts["lat"], lon=parts["lon"], radius_m=parts["radius_m"]))

    def _of_grid(self, parts: dict[str, Any]) -> Ground | None:
        found = self._read(parts["grid"])
        if not found:
            self.add_error("grid", _("No reading of this lies in the theatre, by today’s letters or by the period’s."))
            return None
        chosen = parts["reading"]
        if len(found) > 1 and not chosen:
            self.add_error("reading", _("It can be read in several ways. Choose the one that is meant."))
            return None
        one = found[int(chosen or 0)]
        radius = parts["radius_m"] or round(one.radius_m, 1)
        return Ground(place=Place(lat=round(one.lat, 6), lon=round(one.lon, 6), radius_m=radius))

    def _of_shape(self, text: str) -> Ground | None:
        try:
            shape = read_wkt(text, gettext("This is no WKT"))
        except Nonsense as problem:
            self.add_error("geometry", str(problem))
            return None
        if not self.within.polygon.intersects(shape):
            self.add_error("geometry", _("This lies outside the theatre of the search."))
            return None
        return Ground(wkt=text)


class LeadForm(OnGroundForm):
    beside: ClassVar = {"number-on-record": "lead_id"}
    field_order = ("lead_id", "kind", "about", "text", "given_on", "reliability", "source_id")

    lead_id = forms.CharField(max_length=100, label=_("Number of the lead"))
    kind = forms.CharField(
        required=False, max_length=100, label=_("Kind"), help_text=_("witness, record, map, resident, survey …")
    )
    about = forms.CharField(
        required=False, max_length=100, label=_("About"), help_text=_("Number of a person, an incident or a site.")
    )
    text = forms.CharField(required=False, widget=TEXT, label=_("What was said"))
    given_on = DateText(required=False, label=_("Given on"))
    reliability = forms.FloatField(
        required=False, min_value=0, max_value=1, widget=SHORT, label=_("Chance that it is right, 0 to 1")
    )
    source_id = forms.CharField(required=False, max_length=100, label=_("Source"))


class AccountForm(OnGroundForm):
    """An account, as the science reads it: what does not fit its kind is refused beside the form."""

    beside: ClassVar = {"number-on-record": "scenario_id", "no-such-subject": "about", "no-such-account": "moved_to"}
    field_order = ("scenario_id", "about", "kind", "weight", "reliability", "source_id", "burial", "shared")

    scenario_id = forms.CharField(max_length=100, label=_("Number of the account"))
    about = forms.CharField(max_length=100, label=_("About"), help_text=_("Number of a person or an incident."))
    kind = forms.ChoiceField(choices=Account.Kind.choices, label=_("Kind"))
    weight = forms.FloatField(
        min_value=0,
        max_value=1,
        widget=SHORT,
        label=_("Share"),
        help_text=_("Among the accounts of the same subject, 0 to 1; what they leave of one is elsewhere."),
    )
    reliability = forms.FloatField(
        min_value=0, max_value=1, initial=1, widget=SHORT, label=_("Chance that it is right, 0 to 1")
    )
    source_id = forms.ChoiceField(required=False, label=_("Source"))
    burial = forms.ChoiceField(choices=Burial.choices, label=_("Class of burial"))
    shared = forms.BooleanField(required=False, label=_("A common grave: all of whom it is true lie in one"))
    moved_to = forms.CharField(
        required=False, max_length=100, label=_("Moved to"), help_text=_("Number of the account of that place.")
    )
    radius_minor_m = forms.FloatField(
        required=False, min_value=0.1, widget=SHORT, label=_("Uncertainty across the bearing, m")
    )
    bearing_deg = forms.FloatField(
        required=False,
        min_value=0,
        max_value=360,
        widget=SHORT,
        label=_("Bearing, degrees"),
        help_text=_("From true north, clockwise: of the ellipse’s axis, or from the witness."),
    )
    bearing_sd_deg = forms.FloatField(
        required=False, min_value=0.1, widget=SHORT, label=_("Uncertainty of it, degrees")
    )
    range_m = forms.FloatField(
        required=False,
        min_value=0.1,
        widget=SHORT,
        label=_("Distance, m"),
        help_text=_("From the witness, the median; along a route, that in which the chance falls to a third."),
    )
    range_sd = forms.FloatField(
        required=False, min_value=0.01, widget=SHORT, label=_("Uncertainty of the distance, of its logarithm")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.source_id, str(one)) for one in queries.sources(by=self.by)]
        self.fields["source_id"].choices = [("", _("none")), *known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        radius = self.cleaned_data.get("radius_m")
        given = super().clean()
        ground = given.pop("ground")
        if ground is not None and ground.place is not None:  # the uncertainty is the account's own
            radius = ground.place.radius_m
            ground = Ground(place=replace(ground.place, radius_m=None))
        if not self.errors:
            kind, burial = ScenarioKind(given.pop("kind")), BurialClass(given.pop("burial"))
            try:
                given = {"account": Scenario(**given, kind=kind, burial=burial, ground=ground, radius_m=radius)}
            except Nonsense as problem:
                raise ValidationError(str(problem)) from None
        return given


class AccountFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Number, subject or source"))


class SiteForm(OnGroundForm):
    beside: ClassVar = {"number-on-record": "site_id", "no-such-region": "region"}
    field_order = ("site_id", "name")

    site_id = forms.CharField(max_length=100, label=_("Number of the site"))
    name = forms.CharField(required=False, max_length=300, label=_("Name"))
    region = forms.ChoiceField(required=False, label=_("Region"))
    burial = forms.ChoiceField(choices=Burial.choices, label=_("Class of burial"))
    fixed_cost = forms.FloatField(min_value=0, initial=0, widget=SHORT, label=_("Fixed cost"))
    cost_per_unit = forms.FloatField(min_value=0, initial=1, widget=SHORT, label=_("Cost of a unit of effort"))
    days = forms.FloatField(required=False, min_value=0, widget=SHORT, label=_("Days of a crew for a unit of effort"))
    detection_rate = forms.FloatField(
        required=False,
        min_value=0,
        widget=SHORT,
        label=_("Rate of detection"),
        help_text=_("a: what lies there is found by effort z with chance 1 − exp(−a z)."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.region_id, str(one)) for one in queries.regions(by=self.by)]
        self.fields["region"].choices = [("", _("none")), *known]  # type: ignore[attr-defined]


class MoveForm(ActForm):
    """The next state of a thing, and why."""

    beside: ClassVar = {"say-why": "reason"}

    to = forms.ChoiceField(label=_("Carry on to"))
    reason = forms.CharField(required=False, max_length=500, widget=TEXT, label=_("Why"))

    def __init__(self, *args: Any, states: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = states  # type: ignore[attr-defined]


class ApprovalForm(ActForm):
    beside: ClassVar = {"say-where": "said", "approved-already": "party", "no-side": "party"}

    party = forms.ModelChoiceField(queryset=Party.objects.all(), label=_("Which side consents"))
    on = forms.DateField(widget=DAY, label=_("On"))
    said = forms.CharField(
        required=False,
        max_length=300,
        label=_("Who said so, and in which paper"),
        help_text=_("Needed for the consent of the other side."),
    )


class WithdrawForm(ActForm):
    beside: ClassVar = {"ends-before-start": "on"}

    on = forms.DateField(widget=DAY, label=_("On"))
    said = forms.CharField(max_length=300, label=_("Who said so, and in which paper"))


class PermitForm(ActForm):
    beside: ClassVar = {"ends-before-start": "permit_until"}

    permit_from = DateText(required=False, label=_("From"))
    permit_until = DateText(required=False, label=_("Until"))


class SearchForm(OnGroundForm):
    beside: ClassVar = {"number-on-record": "search_id", "no-ground": "lat"}
    field_order = ("search_id", "on", "outcome", "effort", "unit", "detection", "trials", "burial")

    search_id = forms.CharField(max_length=100, label=_("Number of the search"))
    on = DateText(label=_("Date"))
    outcome = forms.ChoiceField(choices=Search.Outcome.choices, label=_("What it gave"))
    effort = forms.FloatField(required=False, min_value=0, widget=SHORT, label=_("Effort"))
    unit = forms.CharField(required=False, max_length=100, label=_("Unit of the effort"))
    detection = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        widget=SHORT,
        label=_("Chance that it would have found what lay there"),
        help_text=_("0 to 1. Empty: by the site’s rate and the effort, else what is usual in this programme."),
    )
    trials = forms.FloatField(
        required=False,
        min_value=0.001,
        widget=SHORT,
        label=_("Known as from so many tests"),
        help_text=_("Empty: known exactly."),
    )
    burial = forms.ChoiceField(
        required=False, choices=[("", _("all")), *Burial.choices], label=_("Class of burial that it was good for")
    )


class TakeBackForm(ActForm):
    reason = forms.CharField(max_length=500, widget=TEXT, label=_("Why"))


class OperationForm(ActForm):
    beside: ClassVar = {"number-on-record": "number", "ends-before-start": "ends"}

    number = forms.CharField(max_length=100, label=_("Number of the operation"))
    name = forms.CharField(required=False, max_length=300, label=_("Name"))
    with_party = forms.ModelChoiceField(required=False, queryset=Party.objects.none(), label=_("Together with"))
    starts = forms.DateField(widget=DAY, label=_("First day"))
    ends = forms.DateField(widget=DAY, label=_("Last day"))
    people_own = forms.IntegerField(min_value=0, widget=SHORT, label=_("People of our side"))
    people_other = forms.IntegerField(required=False, min_value=0, widget=SHORT, label=_("People of the other side"))
    sites = forms.ModelMultipleChoiceField(required=False, queryset=Site.objects.none(), label=_("Sites"))
    route = forms.CharField(required=False, widget=TEXT, label=_("Route"))
    liaison = forms.CharField(required=False, max_length=300, label=_("Liaison"))
    cost = forms.DecimalField(required=False, min_value=0, max_digits=14, decimal_places=2, label=_("Cost"))
    currency = forms.CharField(required=False, max_length=3, widget=SHORT, label=_("Currency"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["with_party"].queryset = Party.objects.exclude(pk=self.by.party_id)  # type: ignore[attr-defined]
        workable = (
            queries.sites(by=self.by)
            .filter(holder=self.by.party)
            .exclude(status__in=(Site.Status.CLOSED, Site.Status.ABANDONED))
        )
        self.fields["sites"].queryset = workable  # type: ignore[attr-defined]


class UnitForm(ActForm):
    beside: ClassVar = {"number-on-record": "number"}

    number = forms.CharField(max_length=50, label=_("Number of the unit"))
    operation = forms.ModelChoiceField(required=False, queryset=Operation.objects.none(), label=_("Operation"))
    opened_on = forms.DateField(widget=DAY, label=_("Opened on"))
    area_m2 = forms.FloatField(min_value=0.01, widget=SHORT, label=_("Area, m²"))
    description = forms.CharField(required=False, widget=TEXT, label=_("Description"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["operation"].queryset = queries.operations(by=self.by).filter(holder=self.by.party)  # type: ignore[attr-defined]


class CloseUnitForm(ActForm):
    beside: ClassVar = {"ends-before-start": "closed_on"}

    state = forms.ChoiceField(
        choices=[one for one in Unit.State.choices if one[0] != Unit.State.OPEN], label=_("What it gave")
    )
    closed_on = forms.DateField(widget=DAY, label=_("Closed on"))
    depth_cm = forms.FloatField(min_value=0, widget=SHORT, label=_("Depth, cm"))
