"""Profiles as a table with a row for each sample and two columns for each marker (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from homeward.formats.laboratory.exports import Export, Telling, Wanted
from homeward.genetics.locus import MarkerNames
from homeward.programme import Programme, Sex

HEADER = ("sample_id", "subject_id", "kind", "sex", "population")


def write_wide(programme: Programme, wanted: Wanted) -> Export:
    """Every profile, markers in the order in which they first occur; an untyped marker is an empty pair of cells."""
    names = MarkerNames(programme.markers)
    markers = list(dict.fromkeys(names(name) for profile in programme.profiles for name in profile.calls))
    kinds = {sample.sample_id: sample.kind.value for sample in programme.samples}
    people = _people(programme)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*HEADER, *(f"{marker} {number}" for marker in markers for number in (1, 2))])
    for profile in programme.profiles:
        calls = {names(name): call for name, call in profile.calls.items()}
        sex, population = people.get(profile.subject_id, ("", ""))
        about = [profile.sample_id, profile.subject_id, kinds.get(profile.sample_id, ""), sex, population]
        rows.writerow([*about, *(allele for marker in markers for allele in calls.get(marker, ("", "")))])
    return Export(data=text.getvalue().encode(), notes=tuple(_left_out(programme).notes))


def _people(programme: Programme) -> Mapping[str, tuple[str, str]]:
    """Sex and population of each subject, "" where they are not stated."""
    members = [member for pedigree in programme.pedigrees for member in pedigree.members]
    return {
        **{one.member_id: (_sex(one.sex), one.population) for one in members},
        **{one.remains_id: (_sex(one.sex), one.population) for one in programme.remains},
    }


def _sex(sex: Sex) -> str:
    return "" if sex is Sex.UNKNOWN else sex.value


def _left_out(programme: Programme) -> Telling:
    telling = Telling()
    lost = {
        "pedigrees": programme.pedigrees,
        "frequencies": programme.frequencies,
        "mutation": programme.mutation,
        "haplotypes": programme.haplotypes,
        "SNP profiles": programme.snp_profiles,
        "missing": programme.missing,
    }
    telling.note_several("programme", [name for name, records in lost.items() if records], "have no place in a table.")
    return telling
