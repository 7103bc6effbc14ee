"""Boxes, remains and profiles; each member sees what he may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery

from casework.laboratory.models import (
    DentalChart,
    EarlierDecision,
    Haplotype,
    LaboratoryFile,
    Measurement,
    Profile,
    ProgrammeSettings,
    Remains,
    Sample,
    SnpProfile,
    Specimen,
    Trait,
    Verdict,
    VerdictRate,
)
from casework.parties.models import Disclosure, Member, Party
from casework.parties.permissions import Role
from casework.parties.queries import holders_visible_to
from casework.parties.refusal import NOT_FOUND, Refused
from casework.registry.models import Entered, FamilyMember, MissingPerson
from homeward.formats.evidence import LINE_OF_VERDICTS, shipped_verdicts
from homeward.programme import LINES, OUTSIDER, VerdictKind


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
    if not (by.may("see remains") and by.may("see claims")):
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


# ---------- Bones, teeth and comparisons, of one's own party ----------


def specimens_of(remains_id: str, *, by: Member) -> QuerySet[Specimen]:
    by.require("see remains")
    return Specimen.objects.filter(holder=by.party, remains_id=remains_id)


def measurements_of(specimen_ids: Iterable[str], *, by: Member) -> QuerySet[Measurement]:
    by.require("see remains")
    return Measurement.objects.filter(holder=by.party, specimen_id__in=list(specimen_ids))


def traits_of(remains_id: str, *, by: Member) -> QuerySet[Trait]:
    by.require("see remains")
    return Trait.objects.filter(holder=by.party, remains_id=remains_id)


def charts_of_remains(remains_id: str, *, by: Member) -> list[DentalChart]:
    by.require("see remains")
    return list(DentalChart.objects.filter(holder=by.party, subject_id=remains_id, kind=DentalChart.Kind.POST_MORTEM))


def charts_of_person(person_id: str, *, by: Member) -> list[DentalChart]:
    """What records made in life say of a person's teeth, for who may see them."""
    by.require("see dental records")
    return list(DentalChart.objects.filter(holder=by.party, subject_id=person_id, kind=DentalChart.Kind.ANTE_MORTEM))


def comparisons_of(remains_id: str, *, by: Member) -> QuerySet[Verdict]:
    """Recorded comparisons: of all examiners for who may see comparisons, else those that he entered himself."""
    found = Verdict.objects.filter(holder=by.party, remains_id=remains_id)
    return found if by.may("see comparisons") else found.filter(entered_by=by.actor)


def comparisons_withheld(remains_id: str, *, by: Member) -> int:
    """How many recorded comparisons a member does not see."""
    everything = Verdict.objects.filter(holder=by.party, remains_id=remains_id)
    return everything.count() - comparisons_of(remains_id, by=by).count()


def verdicts_of(kind: str, method: str, party: Party) -> list[str]:
    """The verdicts whose rates are known: those of the party's own calibration, and those shipped."""
    rates = VerdictRate.objects.filter(holder=party, kind=kind, method=method)
    return [*rates.values_list("verdict", flat=True), *shipped_verdicts(kind, method)]


def is_weighed(kind: str, party: Party) -> bool:
    """Whether comparisons of a kind are weighed by the party's programme."""
    return LINE_OF_VERDICTS[VerdictKind(kind)] in programme_values(party).get("lines", LINES)


def known_hypothesis(about: str, party: Party) -> bool:
    """Whether someone is on the party's roster, or a group of outsiders in its programme."""
    if about.startswith(OUTSIDER):
        return about.removeprefix(OUTSIDER) in programme_values(party).get("outsiders", {})
    return MissingPerson.objects.filter(holder=party, person_id=about).exists()


def number_taken(number: str, party: Party) -> bool:
    """Whether remains or a member of a family have a number already; specimens must not."""
    return (
        Remains.objects.filter(holder=party, remains_id=number).exists()
        or FamilyMember.objects.filter(holder=party, member_id=number).exists()
    )


ENTERED: dict[str, type[Entered]] = {
    "specimen": Specimen,
    "measurement": Measurement,
    "chart": DentalChart,
    "trait": Trait,
    "comparison": Verdict,
}


def struck_by(record: Entered) -> str:
    """The permission that striking a record needs: that of entering it."""
    if isinstance(record, Verdict):
        return "record comparisons"
    if isinstance(record, DentalChart) and record.kind == DentalChart.Kind.ANTE_MORTEM:
        return "keep dental records"
    return "examine remains"


def entered(kind: str, number: int, *, by: Member) -> Entered:
    """A record of one's own party, for who may strike it."""
    found = ENTERED[kind]._default_manager.filter(holder=by.party, pk=number).first() if kind in ENTERED else None
    if found is None:
        raise Refused(NOT_FOUND, record=number)
    by.require(struck_by(found))
    if isinstance(found, Verdict) and not (by.may("see comparisons") or found.entered_by == by.actor):
        raise Refused(NOT_FOUND, record=number)
    return found


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


def brings_files(by: Member) -> bool:
    """Whether a member brings in files of laboratories: a DNA analyst does."""
    return by.active and Role.DNA_ANALYST in by.roles


def files(*, by: Member) -> QuerySet[LaboratoryFile]:
    """Laboratories' files that a member's party was given, newest first."""
    by.require("see profiles")
    return LaboratoryFile.objects.filter(party=by.party)


def file(key: int, *, by: Member) -> LaboratoryFile:
    found = files(by=by).filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND, file=key)
    return found
