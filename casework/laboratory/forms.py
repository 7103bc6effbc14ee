"""What may be asked of the lists of the laboratory, and what examiners enter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.documents.acting import ActForm, DateText
from casework.laboratory.models import Specimen, Verdict
from homeward.errors import Nonsense
from homeward.formats.cells import BadCell, tooth, universal_of_fdi
from homeward.formats.dental import dental_code
from homeward.formats.laboratory import readers
from homeward.formats.traits import known_methods, unread, values_of
from homeward.programme import DateSpan
from homeward.tables import measurement_codes, measurement_ranges, zones

_SHORT = forms.TextInput(attrs={"class": "short code"})


class RemainsFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Number of remains, of a box or of an accession"))
    typed = forms.ChoiceField(
        required=False,
        choices=[("", _("all")), ("yes", _("with a profile")), ("no", _("without a profile"))],
        label=_("Profile"),
    )


class SpecimenForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"number-taken": "specimen_id", "on-record-already": "specimen_id"}

    specimen_id = forms.CharField(max_length=100, label=_("Number of the specimen"))
    element = forms.ChoiceField(choices=[(name, name) for name in zones()], label=_("Bone"))
    side = forms.ChoiceField(required=False, choices=[("", _("not stated")), *Specimen.Side.choices], label=_("Side"))
    zones = forms.CharField(
        required=False,
        max_length=100,
        label=_("Zones that are there"),
        help_text=_("Their numbers after Knüsel and Outram (2004), separated by spaces."),
    )
    completeness = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        widget=_SHORT,
        label=_("Share of the bone that is there"),
        help_text=_("From 0 to 1."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        told = [part for part in re.split(r"[\s;,]+", given.get("zones", "")) if part]
        most = zones().get(given.get("element", ""), 0)
        if most and any(zone not in map(str, range(1, most + 1)) for zone in told):
            self.add_error("zones", gettext("This bone has the zones 1 to %(most)s.") % {"most": most})
        given["zones"] = list(dict.fromkeys(told))
        return given


class MeasurementForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"on-record-already": "code"}

    specimen = forms.ModelChoiceField(queryset=Specimen.objects.none(), empty_label=_("Choose"), label=_("Specimen"))
    code = forms.ChoiceField(
        choices=[(code, code) for code in measurement_codes()], label=_("Measurement, by its osteometric code")
    )
    mm = forms.FloatField(min_value=0.01, max_value=3000, widget=_SHORT, label=_("Length, mm"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        low, high = measurement_ranges().get(given.get("code", ""), (0.0, float("inf")))
        mm = given.get("mm")
        if mm is not None and mm < low and any(low <= mm * factor <= high for factor in (10, 25.4)):
            usual = {"low": f"{low:g}", "high": f"{high:g}"}
            self.add_error("mm", gettext("Adults have %(low)s to %(high)s mm. Is it in another unit?") % usual)
        return given


class TraitForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"on-record-already": "trait"}

    method = forms.CharField(max_length=100, label=_("Method"), help_text=", ".join(known_methods()))
    trait = forms.CharField(max_length=100, label=_("What was observed"), help_text="phase, score, VA")
    value = forms.CharField(max_length=200, label=_("Stage or score"))

    def clean(self) -> dict[str, Any]:
        """What a method that is weighed cannot read is refused; another method is kept and not weighed."""
        given = super().clean() or {}
        if {"method", "trait", "value"} <= given.keys():
            wrong = unread(given["method"], given["trait"], given["value"])
            known = values_of(given["method"])
            words = ", ".join(known.get(given["trait"], known) or ["0.0–1.0"])
            if wrong and wrong.column != "method":
                self.add_error(wrong.column, gettext("This method reads: %(words)s.") % {"words": words})
        return given


class ChartForm(ActForm):
    """A dental chart as lines of text: a tooth's number and its code."""

    beside: ClassVar[Mapping[str, str]] = {"on-record-already": "date", "no-tooth": "teeth"}

    date = DateText(required=False, label=_("Charted on"))
    teeth = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "code"}),
        label=_("Teeth"),
        help_text=_(
            "One tooth a line, its universal number (1 upper right to 32 lower right) and its code: 3 MOD-S. Surfaces "
            "M O D F L I; V nothing done, X lost in life, J lost after death, U not erupted, / nothing known."
        ),
    )

    def clean_date(self) -> str:
        text: str = self.cleaned_data["date"].strip()
        try:
            return DateSpan.read(text).text if text else ""
        except Nonsense:
            raise forms.ValidationError(gettext("Write YYYY, YYYY-MM or YYYY-MM-DD.")) from None

    def clean_teeth(self) -> dict[str, str]:
        teeth: dict[str, str] = {}
        wrong: list[str] = []
        for line in re.split(r"[\n,;]+", self.cleaned_data["teeth"]):
            number, _gap, code = line.strip().partition(" ")
            if number:
                wrong += _wrong(number, code.strip(), teeth)
                teeth[number] = code.strip()
        if wrong:
            raise forms.ValidationError(wrong)
        return teeth


def _wrong(number: str, code: str, known: Mapping[str, str]) -> list[str]:
    """What is wrong with one line of a chart."""
    told = {"tooth": number, "code": code}
    try:
        tooth(number)
    except BadCell:
        if universal := universal_of_fdi(number):
            told["universal"] = universal
            return [
                gettext("Tooth %(tooth)s is of FDI notation; write %(universal)s, and convert the whole chart.") % told
            ]
        return [gettext("%(tooth)s is not a tooth: write 1 to 32.") % told]
    try:
        dental_code(code)
    except BadCell:
        return [gettext("Tooth %(tooth)s: “%(code)s” is not a code of WinID or NCIC.") % told]
    return [gettext("Tooth %(tooth)s stands twice.") % told] if number in known else []


class ComparisonForm(ActForm):
    """A comparison with someone. The form tells nothing of him: who examines must know the number already."""

    beside: ClassVar[Mapping[str, str]] = {
        "nobody-of-that-number": "about",
        "verdict-unknown": "verdict",
        "verdict-uncalibrated": "method",
        "on-record-already": "method",
    }

    about = forms.CharField(
        max_length=200,
        label=_("Compared with"),
        help_text=_("The programme number of the missing person, or outsider: and the group."),
    )
    kind = forms.ChoiceField(choices=Verdict.Kind.choices, label=_("What was compared"))
    method = forms.CharField(max_length=100, label=_("Method"))
    verdict = forms.CharField(
        required=False,
        max_length=200,
        label=_("Verdict"),
        help_text=_("A word of the method’s calibration; none where only a place in a list is stated."),
    )
    rank = forms.IntegerField(
        required=False, min_value=1, widget=_SHORT, label=_("Place in a list ordered by likeness")
    )
    list_size = forms.IntegerField(required=False, min_value=1, widget=_SHORT, label=_("Length of the list"))
    examiner = forms.CharField(required=False, max_length=200, label=_("Who compared"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        rank, size = given.get("rank"), given.get("list_size")
        if (rank is None) != (size is None) or (rank and size and rank > size):
            self.add_error("list_size", gettext("A place needs the length of its list, which is not below it."))
        if rank is None and not given.get("verdict") and "verdict" not in self.errors:
            self.add_error("verdict", gettext("State a verdict, or a place in a list."))
        return given


class StrikeForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"has-measurements": "reason"}

    reason = forms.CharField(max_length=500, label=_("Why it is taken back"))


class LaboratoryFileForm(forms.Form):
    """What is asked of someone who hands in a laboratory's file: the file, and what it does not say of itself."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("As the laboratory gave it; what it is, is told from what stands in it, not from its name."),
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("the file or the records say it")),
            ("remains", _("remains")),
            ("reference", _("references of relatives")),
            ("elimination", _("elimination samples")),
        ],
        label=_("Samples of people whom nobody knows yet are of"),
    )
    single_allele = forms.ChoiceField(
        required=False,
        choices=[
            ("fault", _("nothing that can be told: the row is not read")),
            ("homozygote", _("two of this allele")),
            ("partial", _("one allele seen, the other not")),
        ],
        label=_("One allele beside an empty cell means"),
    )
    population = forms.CharField(
        required=False, max_length=100, label=_("Population"), help_text=_("Of its frequencies, where it names none.")
    )
    encoding = forms.CharField(
        required=False, max_length=40, label=_("Encoding"), help_text=_("Of a text that is not Unicode, such as cp949.")
    )
    sheet = forms.CharField(required=False, max_length=100, label=_("Sheet of a workbook"))
    pedigree = forms.CharField(
        required=False, max_length=100, label=_("Pedigree"), help_text=_("Where the file has several of one family.")
    )
    format = forms.ChoiceField(
        required=False,
        choices=[("", _("told from what stands in it")), *((name, one.title) for name, one in readers.items())],
        label=_("Format"),
    )
    beside = forms.FileField(
        required=False,
        label=_("Second file"),
        help_text=_("One that belongs to the first, such as the .map or .dat of a .ped."),
    )

    @property
    def said(self) -> dict[str, str]:
        """What was said of the file, by the names of ``homeward import``."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("file", "beside") and value}
