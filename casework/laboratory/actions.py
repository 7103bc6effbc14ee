"""What happens in the laboratory: rows brought in, what examiners enter, and looks at profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.journal.actions import looked_at, recorded
from casework.laboratory import models, queries, records
from casework.laboratory.models import Profile
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.registry.models import Entered, Held, MissingPerson
from casework.registry.records import columns
from homeward.identification.evidence.verdicts import shortlist
from homeward.programme import (
    ChartKind,
    DateSpan,
    DentalChart,
    Measurement,
    Programme,
    Specimen,
    Trait,
    Verdict,
    VerdictKind,
)

BATCH = 2000
E = TypeVar("E", bound=Entered)


def enter(*, holder: Party, rows: Programme) -> None:
    """Enter rows that were checked. Part of a larger act, which is what the journal records."""
    entries: tuple[tuple[type[Held], Sequence[object]], ...] = (
        (models.Marker, rows.markers),
        (models.Sample, rows.samples),
        (models.Remains, rows.remains),
        (models.EarlierDecision, rows.decisions),
        (models.Haplotype, rows.haplotypes),
        (models.HaplotypeCount, rows.haplotype_counts),
        (models.SnpMarker, rows.snp_panel),
        (models.Specimen, rows.specimens),
        (models.Measurement, rows.measurements),
        (models.DentalChart, rows.dental),
        (models.Trait, rows.traits),
        (models.Verdict, rows.verdicts),
        (models.VerdictRate, rows.verdict_rates),
        (models.Parameter, rows.parameters),
    )
    for model, given in entries:
        model._default_manager.bulk_create([model(holder=holder, **columns(one)) for one in given], BATCH)
    Profile.objects.bulk_create([records.profile_row(one, holder) for one in rows.profiles], BATCH)
    models.SnpProfile.objects.bulk_create([records.snp_profile_row(one, holder) for one in rows.snp_profiles], 16)
    models.FrequencyTable.objects.bulk_create(records.frequency_rows(rows.frequencies, holder), BATCH)
    models.MutationModel.objects.bulk_create([records.mutation_row(one, holder) for one in rows.mutation], BATCH)


def set_programme(*, holder: Party, rows: Programme) -> None:
    """Keep the settings of the programme that a party brings in first."""
    models.ProgrammeSettings.objects.create(holder=holder, values=records.settings_values(rows.settings))
    holder.programme_name = rows.settings.name
    holder.save(update_fields=["programme_name"])


# ---------- What is entered here ----------


@recorded("laboratory.enter_specimen")
def enter_specimen(
    *,
    by: Member,
    remains: models.Remains,
    specimen_id: str,
    element: str,
    side: str = "",
    zones: Sequence[str] = (),
    completeness: float | None = None,
) -> models.Specimen:
    """Enter a bone of some remains in the inventory."""
    _may_examine(by, remains)
    if queries.number_taken(specimen_id, by.party):
        raise Refused("number-taken", specimen_id=specimen_id)
    bone = Specimen(
        specimen_id=specimen_id,
        accession=remains.accession,
        container_id=remains.container_id,
        element=element,
        side=side,
        zones=tuple(zones),
        completeness=completeness,
        remains_id=remains.remains_id,
    )
    return _entered(models.Specimen, bone, by)


@recorded("laboratory.enter_measurement")
def enter_measurement(
    *, by: Member, remains: models.Remains, specimen: models.Specimen, code: str, mm: float
) -> models.Measurement:
    """Enter a measurement of a bone of some remains."""
    _may_examine(by, remains)
    if (specimen.holder_id, specimen.remains_id) != (remains.holder_id, remains.remains_id):
        raise Refused(NOT_FOUND, specimen=specimen.specimen_id)
    return _entered(models.Measurement, Measurement(specimen_id=specimen.specimen_id, code=code, mm=mm), by)


@recorded("laboratory.enter_trait")
def enter_trait(*, by: Member, remains: models.Remains, method: str, trait: str, value: str) -> models.Trait:
    """Enter what was observed on some remains by a named method."""
    _may_examine(by, remains)
    return _entered(models.Trait, Trait(remains_id=remains.remains_id, method=method, trait=trait, value=value), by)


@recorded("laboratory.enter_chart")
def enter_chart(*, by: Member, remains: models.Remains, date: str, teeth: Mapping[str, str]) -> models.DentalChart:
    """Enter the teeth of some remains, as they were charted."""
    _may_examine(by, remains)
    return _entered(models.DentalChart, _chart(remains.remains_id, ChartKind.POST_MORTEM, date, teeth), by)


@recorded("laboratory.enter_dental_record")
def enter_dental_record(
    *, by: Member, person: MissingPerson, date: str, teeth: Mapping[str, str]
) -> models.DentalChart:
    """Enter the teeth of a missing person as a record made in life has them."""
    by.require("keep dental records")
    if person.holder_id != by.party_id:
        raise Refused(NOT_FOUND, person_id=person.person_id)
    return _entered(models.DentalChart, _chart(person.person_id, ChartKind.ANTE_MORTEM, date, teeth), by)


@recorded("laboratory.enter_comparison")
def enter_comparison(
    *,
    by: Member,
    remains: models.Remains,
    about: str,
    kind: str,
    method: str,
    verdict: str = "",
    rank: int | None = None,
    list_size: int | None = None,
    examiner: str = "",
) -> models.Verdict:
    """Enter a comparison of some remains with someone: who compared, by what method, and what was found."""
    by.require("record comparisons")
    _own(by, remains)
    if not queries.known_hypothesis(about, by.party):
        raise Refused("nobody-of-that-number", about=about)
    compared = Verdict(
        remains_id=remains.remains_id,
        about=about,
        kind=VerdictKind(kind),
        method=method,
        verdict=verdict,
        rank=rank,
        list_size=list_size,
        examiner=examiner or by.name,
    )
    known = queries.verdicts_of(kind, method, by.party)
    if queries.is_weighed(kind, by.party) and (verdict or shortlist(compared)) not in known:
        raise Refused("verdict-unknown" if known else "verdict-uncalibrated", method=method, known=known)
    return _entered(models.Verdict, compared, by)


@recorded("laboratory.strike")
def strike(*, by: Member, record: Entered, said: Mapping[str, Any], reason: str) -> None:
    """Take back a record that was entered by mistake. The journal keeps what it said, and why it went."""
    permission = queries.struck_by(record)
    by.require(permission)
    if record.holder_id != by.party_id:
        raise Refused(NOT_FOUND)
    if isinstance(record, models.Specimen) and queries.measurements_of([record.specimen_id], by=by).exists():
        raise Refused("has-measurements", specimen_id=record.specimen_id)
    record.delete()


def _may_examine(by: Member, remains: models.Remains) -> None:
    by.require("examine remains")
    _own(by, remains)


def _own(by: Member, remains: models.Remains) -> None:
    if remains.holder_id != by.party_id:
        raise Refused(NOT_FOUND, remains_id=remains.remains_id)


def _chart(subject_id: str, kind: ChartKind, date: str, teeth: Mapping[str, str]) -> DentalChart:
    if not teeth:
        raise Refused("no-tooth")
    return DentalChart(subject_id=subject_id, kind=kind, date=DateSpan.read(date) if date else None, teeth=teeth)


def _entered(model: type[E], record: object, by: Member) -> E:
    """Keep a record that a member enters; refused where one of the same key stands."""
    row = model(holder=by.party, entered_by=by.actor, entered_at=timezone.now(), **columns(record))
    try:
        row.validate_constraints()
    except ValidationError:
        raise Refused("on-record-already") from None
    row.save(force_insert=True)
    return row


def look_at_profiles(*, by: Member, subject_id: str) -> Sequence[Profile]:
    """The profiles of one subject, for who may see them; the look is in the journal."""
    by.require("see profiles")
    looked_at(f"profiles:{subject_id}", by=by, verb="laboratory.look_at_profiles")
    return list(queries.profiles_of(subject_id, by=by))
