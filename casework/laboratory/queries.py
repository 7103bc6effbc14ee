"""Boxes, remains and profiles; each member sees what he may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery

from casework.laboratory.models import (
    EarlierDecision,
    Haplotype,
    Profile,
    ProgrammeSettings,
    Remains,
    Sample,
    SnpProfile,
)
from casework.parties.models import Disclosure, Member, Party
from casework.parties.queries import holders_visible_to
from casework.parties.refusal import NOT_FOUND, Refused


def remains(*, by: Member) -> QuerySet[Remains]:
    """The remains that a member may see: his party's, and those disclosed to it."""
    by.require("see remains")
    return Remains.objects.filter(holder__in=holders_visible_to(by, Disclosure.Kind.REMAINS))


def one_remains(remains_id: str, *, by: Member) -> Remains:
    found = remains(by=by).select_related("holder").filter(remains_id=remains_id)
    one = found.filter(holder=by.party).first() or found.first()
    if one is None:
        raise Refused(NOT_FOUND, remains_id=remains_id)
    return one


def with_typed(among: QuerySet[Remains]) -> QuerySet[Remains]:
    """Remains with ``typed``: the markers typed in the best of their profiles, none if not sampled."""
    best = (
        Profile.objects.filter(holder=OuterRef("holder"), subject_id=OuterRef("remains_id"))
        .order_by("-typed")
        .values("typed")
    )
    return among.annotate(typed=Subquery(best[:1]))


def typed(among: QuerySet[Remains], wanted: bool) -> QuerySet[Remains]:
    """Those with a profile, or those without."""
    profiled = Profile.objects.filter(holder=OuterRef("holder"), subject_id=OuterRef("remains_id"))
    return among.filter(Exists(profiled) if wanted else ~Exists(profiled))


def boxes(*, by: Member) -> list[dict[str, Any]]:
    """Each box with how many remains rows are from it. A box is not a person."""
    typed = Profile.objects.filter(holder=OuterRef("holder"), subject_id=OuterRef("remains_id"))
    found = (
        remains(by=by)
        .exclude(container_id="")
        .annotate(is_typed=Exists(typed))
        .order_by()
        .values("holder__code", "container_id")
        .annotate(
            remains=Count("pk"),
            typed=Count("pk", filter=Q(is_typed=True)),
            claims=Count("pk", filter=~Q(claimed_person="")),
            accessions=Count("accession", distinct=True),
            first_found=Min("found_on", filter=~Q(found_on="")),
            last_found=Max("found_on"),
        )
        .order_by("container_id")
    )
    return [dict(box) for box in found]


def in_box(container_id: str, *, by: Member) -> QuerySet[Remains]:
    return with_typed(remains(by=by).filter(container_id=container_id))


def claims_about(person_id: str, *, holder: Party, by: Member) -> QuerySet[Remains]:
    """Remains that a sender claims to be this person's."""
    if not by.may("see remains"):
        return Remains.objects.none()
    return remains(by=by).filter(claimed_person=person_id, holder=holder)


def samples_of(subject_ids: Iterable[str], *, by: Member) -> QuerySet[Sample]:
    """Samples of some subjects of one's own party: that they exist and when, not what they say."""
    return Sample.objects.filter(holder=by.party, subject_id__in=list(subject_ids))


def typed_subjects(subject_ids: Iterable[str], *, by: Member) -> dict[str, int]:
    """Subjects of whom a profile exists, with the markers typed in the best."""
    rows = Profile.objects.filter(holder=by.party, subject_id__in=list(subject_ids)).order_by()
    return dict(rows.values_list("subject_id").annotate(Max("typed")))


def profiles_of(subject_id: str, *, by: Member) -> QuerySet[Profile]:
    """Profiles of one's own party; no profile is ever seen by another."""
    by.require("see profiles")
    return Profile.objects.filter(holder=by.party, subject_id=subject_id)


def haplotypes_of(subject_id: str, *, by: Member) -> QuerySet[Haplotype]:
    """Lineage haplotypes of one's own party, for who may see profiles."""
    by.require("see profiles")
    return Haplotype.objects.filter(holder=by.party, subject_id=subject_id)


def snps_of(subject_id: str, *, by: Member) -> list[tuple[str, int]]:
    """Samples of a subject with SNPs, and how many each has."""
    by.require("see profiles")
    rows = SnpProfile.objects.filter(holder=by.party, subject_id=subject_id)
    return [(sample_id, len(snps)) for sample_id, snps in rows.values_list("sample_id", "snps")]


def decisions_about(remains_id: str, *, by: Member) -> QuerySet[EarlierDecision]:
    return EarlierDecision.objects.filter(holder=by.party, remains_id=remains_id)


def programme_values(party: Party) -> dict[str, Any]:
    """What the programme's settings say; empty while none was brought in."""
    kept = ProgrammeSettings.objects.filter(holder=party).first()
    return dict(kept.values) if kept else {}


def standing(party: Party) -> dict[str, int]:
    """Counts of the laboratory for the front page, from the records as they are."""
    own = Remains.objects.filter(holder=party)
    profiled = Profile.objects.filter(holder=party).values("subject_id")
    return {
        "boxes": own.exclude(container_id="").values("container_id").distinct().count(),
        "remains": own.count(),
        "typed": own.filter(remains_id__in=profiled).count(),
        "claims": own.exclude(claimed_person="").count(),
        "references": Sample.objects.filter(holder=party, kind__in=("reference", "direct")).count(),
    }
