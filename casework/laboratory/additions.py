"""What the laboratory adds to the pages of a person, of a family and of a container."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.html import format_html

from casework.custody.models import Container
from casework.laboratory import queries
from casework.laboratory.records import settings
from casework.laboratory.teeth import jaws
from casework.parties.models import Party
from casework.parties.refusal import Refused
from casework.parties.request import Request
from casework.registry.models import Family, MissingPerson
from homeward.programme import Pedigree


def claims_and_teeth_of_person(request: Request, person: MissingPerson) -> str:
    """What is claimed of a person, and what is known of the teeth."""
    return format_html("{}{}", claims_on_person(request, person), teeth_of_person(request, person))


def teeth_of_person(request: Request, person: MissingPerson) -> str:
    """What records made in life say of a person's teeth, for who may see them."""
    by = request.member
    if not by.may("see dental records") or person.holder_id != by.party_id:
        return ""
    context = {"person": person, "jaws": jaws(queries.charts_of_person(person.person_id, by=by))}
    return render_to_string("laboratory/parts/dental_record.html", context, request)


def claims_on_person(request: Request, person: MissingPerson) -> str:
    """Remains that a sender says are this person's: claims, until a board decides."""
    claims = queries.claims_about(person.person_id, holder=person.holder, by=request.member)
    return render_to_string("laboratory/parts/claims.html", {"claims": claims}, request) if claims else ""


def samples_on_family(request: Request, pedigree: Pedigree) -> str:
    """Which members gave a sample, and whether it was read; never what it says."""
    members = [member.member_id for member in pedigree.members]
    samples = queries.samples_of(members, by=request.member)
    typed = queries.typed_subjects(members, by=request.member)
    return render_to_string("laboratory/parts/samples.html", {"samples": samples, "typed": typed}, request)


def typed_in_family(request: Request, family: Family) -> list[str]:
    """Members of whom a profile exists."""
    members = list(family.members.values_list("member_id", flat=True))
    return list(queries.typed_subjects(members, by=request.member))


def remains_in_container(request: Request, container: Container) -> str:
    """Who has been told apart in a container; a container is not a person."""
    if not request.member.may("see remains"):
        return ""
    inside = list(queries.in_box(container.number, by=request.member).filter(holder=container.holder))
    context = {"container": container, "inside": inside}
    return render_to_string("laboratory/parts/inside.html", context, request) if inside else ""


def theatre_of(request: Request, party: Party) -> str:
    """Where a party's programme searches: the name of a shipped outline, or WKT."""
    try:
        return settings(party).search_theatre
    except Refused:
        return ""
