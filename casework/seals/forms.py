"""What is asked of someone who hands in a signature, a paper, a key or a checkpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Disclosure, Member, Party
from casework.parties.queries import other_parties
from casework.seals.models import Signer, Statement
from homeward.reports.statement_words import field_word, value_word, weight_kg
from homeward.seals.bodies import CONTENTS, FOUND, KINDS, RECEIPT_OUTCOMES, SEAL_CONDITIONS
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
    """A filled paper, line by line: what stands there as declared is left as it is, what differs is typed over."""

    digest = forms.CharField(
        label=_("Digest on the paper"),
        help_text=_("The first four groups as printed on the paper. They show that it is this statement’s paper."),
        max_length=100,
    )
    copy = forms.IntegerField(min_value=1, max_value=99, initial=1, label=_("Copy"))
    copies = forms.IntegerField(min_value=1, max_value=99, initial=3, label=_("of copies"))
    scan = forms.CharField(
        required=False,
        label=_("Digest of the scan"),
        help_text=_("Keep the scan as a document first and copy its digest; leave it empty without one."),
        max_length=71,
    )

    def __init__(self, *args: Any, statement: Statement, said: Said, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statement = statement
        self.signers = [one for one in statement.signers.all() if _may_enter(one, by)]
        for one in self.signers:
            self._ask_signer(one)
        self.lines = list(_lines(said))
        for key, _line, field, declared in self.lines:
            self.fields[key] = self._cell(field, declared)

    def _cell(self, field: str, declared: str) -> forms.Field:
        if field not in CODES:
            return forms.CharField(required=False, initial=declared, max_length=500)
        language = get_language() or "en"
        choices = [(code, value_word(self.statement.kind, field, code, language)) for code in CODES[field]]
        return forms.ChoiceField(required=False, initial=declared, choices=[("", ""), *choices])

    def _ask_signer(self, one: Signer) -> None:
        code = one.party.code
        self.fields[f"name_{code}"] = forms.CharField(required=False, max_length=200, label=_("Name"))
        self.fields[f"office_{code}"] = forms.CharField(required=False, max_length=200, label=_("Office"))
        self.fields[f"on_{code}"] = forms.DateField(
            required=False, label=_("Signed on"), widget=forms.DateInput(attrs={"type": "date"})
        )

    def clean_digest(self) -> str:
        given = re.sub(r"[^0-9a-f]", "", self.cleaned_data["digest"].lower().removeprefix("sha256:"))
        ours = self.statement.digest.removeprefix("sha256:")
        if len(given) < 16 or not ours.startswith(given):
            raise forms.ValidationError(_("This is not the digest of this statement. The paper belongs to another."))
        return given

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for one in self.signers:
            if values.get(f"name_{one.party.code}") and not values.get(f"on_{one.party.code}"):
                self.add_error(f"on_{one.party.code}", _("Say on which day this was signed."))
        return values

    @property
    def signing(self) -> list[tuple[str, list[forms.BoundField]]]:
        """For each party that may sign on this paper, what is asked about its signature."""
        codes = [(one.party.shown_name, one.party.code) for one in self.signers]
        return [(name, [self[f"{what}_{code}"] for what in ("name", "office", "on")]) for name, code in codes]

    @property
    def columns(self) -> list[str]:
        """The fields that stand on the paper, in words."""
        return [field_word(field, get_language() or "en") for field in self._fields_of_lines]

    @property
    def rows(self) -> list[tuple[int | None, list[tuple[str, forms.BoundField]]]]:
        """The lines of the paper: the line's number, and each cell under its heading."""
        columns = dict(zip(self._fields_of_lines, self.columns, strict=True))
        rows: dict[str, tuple[int | None, list[tuple[str, forms.BoundField]]]] = {}
        for key, line, field, _declared in self.lines:
            row = rows.setdefault(key.rpartition(field)[0], (line, []))
            row[1].append((columns[field], self[key]))
        return list(rows.values())

    @property
    def _fields_of_lines(self) -> list[str]:
        return list(dict.fromkeys(field for _key, _line, field, _declared in self.lines))

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

    @property
    def differences(self) -> list[dict[str, Any]]:
        """Where the paper says otherwise than was declared."""
        return [
            {"line": line, "field": field, "declared": declared, "paper": self.cleaned_data[key]}
            for key, line, field, declared in self.lines
            if self.cleaned_data[key].strip() != declared.strip()
        ]


CODES = {"content": CONTENTS, "seal_condition": SEAL_CONDITIONS, "outcome": RECEIPT_OUTCOMES, "found": FOUND}
ON_PAPER = ("container", "content", "seals", "seal_condition", "bags", "weight_g", "outcome", "found")


def _lines(said: Said) -> Iterator[tuple[str, int | None, str, str]]:
    """Each cell that stands on the paper: its key in the form, the line, the field, and what was declared."""
    rows = said.body.get("lines")
    for at, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, Mapping):
            for field in (name for name in ON_PAPER if name in row):
                declared = _declared(field, row[field])
                yield f"line_{at}_{field}", row.get("line"), field, declared


def _declared(field: str, value: Any) -> str:
    """A value as the paper has it: a weight in kilograms, seals side by side."""
    if value is None:
        return ""
    if field == "weight_g" and isinstance(value, int):
        return weight_kg(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


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
