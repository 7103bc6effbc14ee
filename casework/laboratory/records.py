"""Rows of the laboratory as objects of the science, and back; and a party's whole programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from casework.laboratory import models
from casework.operations.records import search_of
from casework.parties.models import Party
from casework.parties.refusal import Refused
from casework.registry import records as registry
from casework.registry.records import columns, record, rows_of
from homeward import programme
from homeward.programme import (
    LINES,
    NOT_OBSERVED,
    Call,
    DateSpan,
    OutsiderProfile,
    PriorKind,
    Programme,
    Settings,
    ThetaMethod,
)


def programme_of(party: Party) -> Programme:
    """Everything a party holds, as the science reads it. The inverse of bringing a programme in."""
    of_search: dict[str, Any] = search_of(party)
    return Programme(
        settings=settings(party),
        missing=registry.missing(party),
        incidents=registry.incidents(party),
        pedigrees=registry.pedigrees(party),
        markers=rows_of(models.Marker, programme.Marker, party),
        samples=rows_of(models.Sample, programme.Sample, party),
        profiles=profiles(party),
        frequencies=frequencies(party),
        mutation=mutation(party),
        haplotypes=rows_of(models.Haplotype, programme.Haplotype, party),
        haplotype_counts=rows_of(models.HaplotypeCount, programme.HaplotypeCount, party),
        snp_panel=rows_of(models.SnpMarker, programme.SnpMarker, party),
        snp_profiles=snp_profiles(party),
        remains=rows_of(models.Remains, programme.Remains, party),
        specimens=rows_of(models.Specimen, programme.Specimen, party),
        measurements=rows_of(models.Measurement, programme.Measurement, party),
        dental=rows_of(models.DentalChart, programme.DentalChart, party),
        traits=rows_of(models.Trait, programme.Trait, party),
        verdicts=rows_of(models.Verdict, programme.Verdict, party),
        verdict_rates=rows_of(models.VerdictRate, programme.VerdictRate, party),
        parameters=rows_of(models.Parameter, programme.Parameter, party),
        decisions=rows_of(models.EarlierDecision, programme.Decision, party),
        **of_search,
    )


def settings(party: Party) -> Settings:
    """The settings of a party's programme.

    Raises
    ------
    Refused
        ``no-programme`` while it has brought none in.
    """
    kept = models.ProgrammeSettings.objects.filter(holder=party).first()
    if kept is None:
        raise Refused("no-programme", party=party.code)
    values = dict(kept.values)
    values["as_of"] = DateSpan.read(values["as_of"]) if values.get("as_of") else None
    values["prior"] = PriorKind(values["prior"])
    values["theta_method"] = ThetaMethod(values.get("theta_method", ThetaMethod.EXACT))
    values["lines"] = tuple(values.get("lines", LINES))
    profiles = values.get("outsider_profiles", {})
    values["outsider_profiles"] = {group: OutsiderProfile(**bodies) for group, bodies in profiles.items()}
    return Settings(**values)


def settings_values(given: Settings) -> dict[str, Any]:
    """Settings as they are kept; the inverse of :func:`settings`."""
    values = {field.name: getattr(given, field.name) for field in fields(given)}
    values["as_of"] = given.as_of.text if given.as_of else ""
    values["prior"], values["theta_method"] = given.prior.value, given.theta_method.value
    values["lines"] = list(given.lines)
    values["outsider_profiles"] = {group: asdict(bodies) for group, bodies in given.outsider_profiles.items()}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}


def profiles(party: Party) -> tuple[programme.Profile, ...]:
    rows = models.Profile.objects.filter(holder=party).order_by("pk").values_list("sample_id", "subject_id", "calls")
    return tuple(
        programme.Profile(sample_id=sample_id, subject_id=subject_id, calls=calls_of(calls))
        for sample_id, subject_id, calls in rows.iterator()
    )


def snp_profiles(party: Party) -> tuple[programme.SnpProfile, ...]:
    rows = models.SnpProfile.objects.filter(holder=party).order_by("pk")
    return tuple(
        programme.SnpProfile(
            sample_id=row.sample_id,
            subject_id=row.subject_id,
            snps=tuple(row.snps),
            log_likelihood=np.frombuffer(row.log_likelihood, dtype="<f8").astype(np.float64).reshape(-1, 3),
        )
        for row in rows.iterator(chunk_size=16)
    )


def calls_of(kept: Mapping[str, list[str]]) -> dict[str, Call]:
    return {marker: (alleles[0], alleles[1]) for marker, alleles in kept.items()}


def frequencies(party: Party) -> dict[str, dict[str, dict[str, float]]]:
    tables: dict[str, dict[str, dict[str, float]]] = {}
    for table in models.FrequencyTable.objects.filter(holder=party):
        tables.setdefault(table.population, {})[table.marker] = table.frequencies
    return tables


def mutation(party: Party) -> tuple[programme.MutationModel, ...]:
    rows = models.MutationModel.objects.filter(holder=party).order_by("pk").values()
    return tuple(
        record(
            programme.MutationModel,
            {**row, **{sex: {(a, b): p for a, b, p in row[sex]} for sex in ("female", "male")}},
        )
        for row in rows
    )


# ---------- To rows ----------


def profile_row(profile: programme.Profile, holder: Party) -> models.Profile:
    typed = sum(call != (NOT_OBSERVED, NOT_OBSERVED) for call in profile.calls.values())
    return models.Profile(
        holder=holder,
        sample_id=profile.sample_id,
        subject_id=profile.subject_id,
        calls={marker: list(call) for marker, call in profile.calls.items()},
        typed=typed,
    )


def snp_profile_row(profile: programme.SnpProfile, holder: Party) -> models.SnpProfile:
    return models.SnpProfile(
        holder=holder,
        sample_id=profile.sample_id,
        subject_id=profile.subject_id,
        snps=list(profile.snps),
        log_likelihood=np.ascontiguousarray(profile.log_likelihood, dtype="<f8").tobytes(),
    )


def mutation_row(mutation: programme.MutationModel, holder: Party) -> models.MutationModel:
    row = columns(mutation)
    for sex in ("female", "male"):
        row[sex] = [[a, b, probability] for (a, b), probability in getattr(mutation, sex).items()]
    return models.MutationModel(holder=holder, **row)


def frequency_rows(
    tables: Mapping[str, Mapping[str, Mapping[str, float]]], holder: Party
) -> list[models.FrequencyTable]:
    return [
        models.FrequencyTable(holder=holder, population=population, marker=marker, frequencies=dict(alleles))
        for population, markers in tables.items()
        for marker, alleles in markers.items()
    ]
