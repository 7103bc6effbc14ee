"""A whole programme in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from homeward.programme.basis import NOTHING
from homeward.programme.families import Pedigree
from homeward.programme.fieldwork import Container, Lead, Region, Scenario, Searched, Site, Source
from homeward.programme.genetics import (
    FrequencyTable,
    Haplotype,
    HaplotypeCount,
    Marker,
    MutationModel,
    Profile,
    Sample,
    SnpMarker,
    SnpProfile,
)
from homeward.programme.people import Incident, MissingPerson
from homeward.programme.remains import DentalChart, Measurement, Remains, Specimen, Trait
from homeward.programme.settings import Settings
from homeward.programme.verdicts import Decision, Parameter, Verdict, VerdictRate


@dataclass(frozen=True, kw_only=True)
class Programme:
    """A whole programme as its folder states it, every reference between files checked.

    ``frequencies`` is population -> marker -> allele -> frequency. ``profiles`` hold only calls;
    what a sample is stands in ``samples``. ``digest`` is of the content as read, whatever the
    container (folder, zip, Excel) and the order of rows.
    """

    settings: Settings
    missing: tuple[MissingPerson, ...] = ()
    incidents: tuple[Incident, ...] = ()
    pedigrees: tuple[Pedigree, ...] = ()
    markers: tuple[Marker, ...] = ()
    samples: tuple[Sample, ...] = ()
    profiles: tuple[Profile, ...] = ()
    frequencies: Mapping[str, Mapping[str, FrequencyTable]] = field(default_factory=lambda: NOTHING)
    mutation: tuple[MutationModel, ...] = ()
    haplotypes: tuple[Haplotype, ...] = ()
    haplotype_counts: tuple[HaplotypeCount, ...] = ()
    snp_panel: tuple[SnpMarker, ...] = ()
    snp_profiles: tuple[SnpProfile, ...] = ()
    remains: tuple[Remains, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    dental: tuple[DentalChart, ...] = ()
    traits: tuple[Trait, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    verdict_rates: tuple[VerdictRate, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    decisions: tuple[Decision, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    leads: tuple[Lead, ...] = ()
    regions: tuple[Region, ...] = ()
    sites: tuple[Site, ...] = ()
    searches: tuple[Searched, ...] = ()
    containers: tuple[Container, ...] = ()
    sources: tuple[Source, ...] = ()
    digest: str = ""

    @cached_property
    def people(self) -> Mapping[str, MissingPerson]:
        """The missing by person_id."""
        return {person.person_id: person for person in self.missing}
