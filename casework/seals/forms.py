"""What is asked of someone who hands in a signature, a paper, a key or a checkpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Disclosure, Member, Party
from casework.parties.queries import other_parties
from casework.seals.models import Signer, Statement
from homeward.formats.filled import HEADER, WRITTEN, compare
from homeward.reports.statement_words import weight_kg
from homeward.seals.bodies import KINDS
from homeward.seals.statement import Statement as Said

LARGEST = 4 * 1024 * 1024  # bytes of an envelope, a key or a note; a manifest of a thousand lines is a quarter of it


class SmallFile(forms.FileField):
    """A file that is read at once; larger ones are something else."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile) and (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("This file is too large to be what is asked for here."))
        return file


class Several(forms.FileInput):
    allow_multiple_selected = True


class SmallFiles(SmallFile):
    """Several files at once."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list) else [data]
        return [super(SmallFiles, self).clean(file, initial) for file in files]


class Envelopes(forms.Form):
    envelopes = SmallFiles(
        label=_("Signed envelopes"),
        help_text=_("The files that homeward seal sign wrote. Each finds its statement by the bytes that were signed."),
        widget=Several(attrs={"multiple": True, "accept": ".json"}),
    )


class Envelope(forms.Form):
    envelope = SmallFile(
        label=_("Signed envelope"),
        help_text=_("The file that homeward seal sign wrote. The key itself never leaves your machine."),
        widget=forms.FileInput(attrs={"accept": ".json"}),
    )


class Why(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class ShowTo(forms.Form):
    to: forms.ModelChoiceField[Party] = forms.ModelChoiceField(
        queryset=Party.objects.none(), label=_("Show it to"), empty_label=None
    )

    def __init__(self, *args: Any, by: Member, statement: Statement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["to"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = other_parties(by).exclude(readable__statement=statement)


class Sought(forms.Form):
    subject = forms.CharField(required=False, label=_("About"))
    kind = forms.ChoiceField(required=False, label=_("Kind"))
    standing = forms.ChoiceField(
        required=False,
        label=_("Standing"),
        choices=[("", _("all")), ("awaits", _("awaits a signature")), ("stands", _("signed by all"))],
    )

    def __init__(self, *args: Any, kinds: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *((kind, kinds[kind]) for kind in KINDS)]


class Paper(forms.Form):
    """A filled paper, line by line: what the pen wrote; a cell left empty says that what is printed stands."""

    digest = forms.CharField(
        label=_("Digest on the paper"),
        help_text=_("Scanned from the square, or the first four groups as printed: they show whose paper it is."),
        max_length=120,
    )
    copy = forms.IntegerField(min_value=1, max_value=99, initial=1, label=_("Copy"))
    copies = forms.IntegerField(min_value=1, max_value=99, initial=3, label=_("of copies"))
    scan = forms.CharField(
        required=False,
        label=_("Digest of the scan"),
        help_text=_("Keep the scan as a document first and copy its digest; leave it empty without one."),
        max_length=71,
    )
    EXTRA = 3  # cases on the paper that the statement does not have

    def __init__(self, *args: Any, statement: Statement, said: Said, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statement, self.said = statement, said
        self.signers = [one for one in statement.signers.all() if _may_enter(one, by)]
        for one in self.signers:
            self._ask_signer(one)
        self.lines = _lines(said)
        for at in range(len(self.lines) + (self.EXTRA if self.lines else 0)):
            names = WRITTEN if at < len(self.lines) else HEADER[1:]
            for name in names:
                self.fields[f"{name}_{at}"] = forms.CharField(required=False, max_length=4000)

    def _ask_signer(self, one: Signer) -> None:
        code = one.party.code
        self.fields[f"name_{code}"] = forms.CharField(required=False, max_length=200, label=_("Name"))
        self.fields[f"office_{code}"] = forms.CharField(required=False, max_length=200, label=_("Office"))
        self.fields[f"on_{code}"] = forms.DateField(
            required=False, label=_("Signed on"), widget=forms.DateInput(attrs={"type": "date"})
        )

    def clean_digest(self) -> str:
        given = re.sub(r"[\s.]", "", self.cleaned_data["digest"].lower())
        given = given.removeprefix("homeward:").removeprefix("sha256:")
        ours = self.statement.digest.removeprefix("sha256:")
        if len(given) < 16 or not ours.startswith(given):
            raise forms.ValidationError(_("This is not the digest of this statement. The paper belongs to another."))
        return given

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for one in self.signers:
            if values.get(f"name_{one.party.code}") and not values.get(f"on_{one.party.code}"):
                self.add_error(f"on_{one.party.code}", _("Say on which day this was signed."))
        self.differences = self._compared(values) if self.lines else []
        return values

    def _compared(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Where the paper says otherwise than was declared; what cannot be is told beside its cell."""
        asked = [dict.fromkeys(HEADER, "") for _at in range(len(self.lines) + self.EXTRA)]
        for at, row in enumerate(asked):
            row.update({name: values.get(f"{name}_{at}", "") for name in HEADER if f"{name}_{at}" in self.fields})
            if at < len(self.lines):
                row.update(line=_text(self.lines[at].get("line")), container=str(self.lines[at]["container"]))
        rows = [row for at, row in enumerate(asked) if at < len(self.lines) or any(row.values())]
        compared = compare(rows, self.said)
        for fault in compared.rejected:
            cell = f"{fault.column}_{(fault.line or 1) - 1}"
            self.add_error(cell if cell in self.fields else None, f"{fault.reason} {fault.remedy}")
        return [one.to_json() for one in compared.differences]

    @property
    def signing(self) -> list[tuple[str, list[forms.BoundField]]]:
        """For each party that may sign on this paper, what is asked about its signature."""
        codes = [(one.party.shown_name, one.party.code) for one in self.signers]
        return [(name, [self[f"{what}_{code}"] for what in ("name", "office", "on")]) for name, code in codes]

    @property
    def rows(self) -> list[tuple[str, str, str, list[forms.BoundField]]]:
        """The paper's lines: number, case, what was declared, and the cells of the pen."""
        rows = []
        for at, line in enumerate(self.lines):
            cells = [self[f"{name}_{at}"] for name in WRITTEN]
            rows.append((_text(line.get("line")), str(line["container"]), _declared(line), cells))
        return rows

    @property
    def extra(self) -> list[list[forms.BoundField]]:
        """Empty rows for cases that stand on the paper alone."""
        count = len(self.lines)
        return (
            [[self[f"{name}_{at}"] for name in HEADER[1:]] for at in range(count, count + self.EXTRA)] if count else []
        )

    @property
    def signed_by(self) -> list[dict[str, str]]:
        """Whoever signed the paper, as the statement of entry says it."""
        values = self.cleaned_data
        return [
            {
                "party": code,
                "name": values[f"name_{code}"],
                "office": values[f"office_{code}"],
                "signed_on": values[f"on_{code}"].isoformat(),
            }
            for code in (one.party.code for one in self.signers)
            if values[f"name_{code}"]
        ]


def _lines(said: Said) -> list[Mapping[str, Any]]:
    """The lines of a statement that has lines of containers."""
    lines = said.body.get("lines")
    rows = lines if isinstance(lines, list) else []
    return rows if rows and all(isinstance(row, Mapping) and "container" in row for row in rows) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _declared(line: Mapping[str, Any]) -> str:
    """What is printed of a line: seals, bags, weight in kilograms."""
    seals, bags, weight = line.get("seals"), line.get("bags"), line.get("weight_g")
    parts = [
        ", ".join(map(str, seals)) if isinstance(seals, list) else "",
        f"× {bags}" if bags is not None else "",
        f"{weight_kg(weight)} kg" if isinstance(weight, int) else "",
    ]
    return "; ".join(filter(None, parts))


def _may_enter(one: Signer, by: Member) -> bool:
    return one.signed_at is None and (not one.fingerprint or one.party_id == by.party_id)


class FirstKey(forms.Form):
    """A key as the minutes of a session have it."""

    party: forms.ModelChoiceField[Party] = forms.ModelChoiceField(
        queryset=Party.objects.none(), label=_("Party"), empty_label=None
    )
    fingerprint = forms.CharField(
        label=_("Fingerprint"), help_text=_("Sixteen groups of four, as read out and written into the minutes.")
    )
    introduced_in = forms.CharField(
        label=_("Minutes"), max_length=300, help_text=_("Which session’s minutes hold it: session:2018-07-16")
    )
    file = SmallFile(
        required=False,
        label=_("Public key file"),
        help_text=_("It must have this fingerprint. It may also come later, in a bundle."),
        widget=forms.FileInput(attrs={"accept": ".json"}),
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["party"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = Party.objects.filter(pk=by.party_id) | Party.objects.filter(hosted=False)


class FurtherKey(forms.Form):
    file = SmallFile(label=_("Public key file"), widget=forms.FileInput(attrs={"accept": ".json"}))


class Log(forms.Form):
    """Another party's log as the minutes of a session have it."""

    party: forms.ModelChoiceField[Party] = forms.ModelChoiceField(
        queryset=Party.objects.none(), label=_("Party"), empty_label=None
    )
    origin = forms.CharField(label=_("Name of the log"), max_length=200)
    installation = forms.CharField(label=_("Fingerprint of its installation’s key"))
    introduced_in = forms.CharField(
        label=_("Minutes"), max_length=300, help_text=_("Which session’s minutes hold it: session:2018-07-16")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["party"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = Party.objects.filter(hosted=False)


class Cosigned(forms.Form):
    note = SmallFile(
        label=_("Cosigned checkpoint"),
        help_text=_("The note that homeward seal witness wrote, or that the other side gave back."),
    )


class MutualDisclosure(forms.Form):
    to: forms.ModelChoiceField[Party] = forms.ModelChoiceField(
        queryset=Party.objects.none(), label=_("To"), empty_label=None
    )
    offers = forms.MultipleChoiceField(
        choices=Disclosure.Kind.choices, widget=forms.CheckboxSelectMultiple, label=_("What we show")
    )
    asks = forms.MultipleChoiceField(
        choices=Disclosure.Kind.choices, widget=forms.CheckboxSelectMultiple, label=_("What we ask to see")
    )
    until = forms.DateField(
        required=False,
        label=_("Until"),
        help_text=_("Leave it empty if it has no end."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["to"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = other_parties(by)
