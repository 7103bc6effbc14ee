"""What happens in the laboratory: rows brought in, and looks at profiles."""

from __future__ import annotations

from collections.abc import Sequence

from casework.journal.actions import looked_at
from casework.laboratory import models, queries, records
from casework.laboratory.models import Profile
from casework.parties.models import Member, Party
from casework.registry.models import Held
from casework.registry.records import columns
from homeward.programme import Programme

BATCH = 2000


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


def look_at_profiles(*, by: Member, subject_id: str) -> Sequence[Profile]:
    """The profiles of one subject, for who may see them; the look is in the journal."""
    by.require("see profiles")
    looked_at(f"profiles:{subject_id}", by=by, verb="laboratory.look_at_profiles")
    return list(queries.profiles_of(subject_id, by=by))
