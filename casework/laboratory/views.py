"""Pages of boxes, remains and profiles."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from casework.custody import queries as custody
from casework.frame import additions
from casework.journal.queries import history
from casework.laboratory import actions, keeping, queries
from casework.laboratory.forms import LaboratoryFileForm, RemainsFilter
from casework.laboratory.models import Measurement
from casework.laboratory.teeth import jaws
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request

PAGE = 100


def boxes(request: Request) -> HttpResponse:
    found = queries.boxes(by=request.member)
    totals = {name: sum(box[name] for box in found) for name in ("remains", "typed", "claims")}
    return render(request, "laboratory/boxes.html", {"boxes": found, "totals": totals})


def box(request: Request, container_id: str) -> HttpResponse:
    by = request.member
    inside = list(queries.in_box(container_id, by=by))
    if not inside:
        raise Refused(NOT_FOUND, container_id=container_id)
    return render(
        request,
        "laboratory/box.html",
        {
            "container_id": container_id,
            "container": custody.numbered(container_id, by=by) if by.may("see custody") else None,
            "inside": inside,
            "typed": sum(getattr(one, "typed", None) is not None for one in inside),
            "claims": [one for one in inside if one.claimed_person] if by.may("see claims") else [],
            "accessions": sorted({one.accession for one in inside if one.accession}),
            "sections": additions("laboratory.box", request, container_id),
        },
    )


def remains(request: Request) -> HttpResponse:
    found = queries.with_typed(queries.remains(by=request.member))
    form = RemainsFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    if text := asked.get("text", "").strip():
        numbers = Q(remains_id__icontains=text) | Q(container_id__icontains=text) | Q(accession__icontains=text)
        found = found.filter(numbers)
    if asked.get("typed"):
        found = queries.typed(found, asked["typed"] == "yes")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "laboratory/remains.html", {"form": form, "page": page, "asked": asked})


def one_remains(request: Request, remains_id: str) -> HttpResponse:
    by = request.member
    one = queries.one_remains(remains_id, by=by)
    own = one.holder_id == by.party_id
    return render(
        request,
        "laboratory/one_remains.html",
        {
            "remains": one,
            "own": own,
            "samples": queries.samples_of([remains_id], by=by) if own else [],
            "typed": queries.typed_subjects([remains_id], by=by) if own else {},
            "decisions": queries.decisions_about(remains_id, by=by) if own else [],
            **(examination(remains_id, by=by) if own else {}),
            "sections": additions("laboratory.remains", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def examination(remains_id: str, *, by: Member) -> dict[str, Any]:
    """Bones with their measurements, observations, teeth and comparisons of one's own remains."""
    specimens = list(queries.specimens_of(remains_id, by=by))
    measured: dict[str, list[Measurement]] = {}
    for one in queries.measurements_of([bone.specimen_id for bone in specimens], by=by):
        measured.setdefault(one.specimen_id, []).append(one)
    return {
        "bones": [(bone, measured.get(bone.specimen_id, [])) for bone in specimens],
        "traits": queries.traits_of(remains_id, by=by),
        "jaws": jaws(queries.charts_of_remains(remains_id, by=by)),
        "comparisons": queries.comparisons_of(remains_id, by=by),
        "comparisons_withheld": queries.comparisons_withheld(remains_id, by=by),
    }


def profiles(request: Request, remains_id: str) -> HttpResponse:
    by = request.member
    one = queries.one_remains(remains_id, by=by)
    if one.holder_id != by.party_id:
        raise Refused(NOT_FOUND, remains_id=remains_id)
    found = actions.look_at_profiles(by=by, subject_id=remains_id)
    markers = list(dict.fromkeys(marker for profile in found for marker in profile.calls))
    rows = [(marker, [profile.calls.get(marker) for profile in found]) for marker in markers]
    shown = {
        "remains": one,
        "profiles": found,
        "rows": rows,
        "haplotypes": queries.haplotypes_of(remains_id, by=by),
        "snps": queries.snps_of(remains_id, by=by),
    }
    return render(request, "laboratory/profiles.html", shown)


def files(request: Request) -> HttpResponse:
    """Hand in a laboratory's file, and what was handed in."""
    by = request.member
    form = LaboratoryFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        one = keeping.hand_in(by=by, file=given["file"], beside=given["beside"], options=form.said)
        return redirect("laboratory:file", one.pk)
    shown = {"form": form, "files": queries.files(by=by)[:50], "brings": queries.brings_files(by)}
    return render(request, "laboratory/files.html", shown)


def file(request: Request, key: int) -> HttpResponse:
    by = request.member
    one = queries.file(key, by=by)
    return render(request, "laboratory/file.html", {"file": one, "brings": queries.brings_files(by)})


@require_POST
def keep_file(request: Request, key: int) -> HttpResponse:
    by = request.member
    without = request.POST.get("without_rejected") == "yes"
    keeping.keep_file(by=by, file=queries.file(key, by=by), without_rejected=without)
    return redirect("laboratory:file", key)


@require_POST
def discard_file(request: Request, key: int) -> HttpResponse:
    by = request.member
    keeping.discard_file(by=by, file=queries.file(key, by=by))
    return redirect("laboratory:file", key)
