"""Signing in, the members of one's party, and what is disclosed to whom."""

from allauth.account.views import LoginView
from axes.decorators import axes_dispatch, axes_form_invalid
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from casework.frame import additions, in_words
from casework.parties import actions, queries
from casework.parties.forms import Admission, DisclosureForm, Roles
from casework.parties.permissions import PERMISSIONS, Role
from casework.parties.refusal import Refused
from casework.parties.request import Request


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(axes_form_invalid, name="form_invalid")
class SignIn(LoginView):
    """Sign-in that locks a name after too many wrong passwords."""


sign_in = login_not_required(SignIn.as_view())


def members(request: Request) -> HttpResponse:
    by = request.member
    by.require("see members")
    return render(
        request,
        "parties/members.html",
        {
            "members": queries.members(by=by),
            "disclosures": queries.disclosures(by=by),
            "roles": [
                (role.label, [permission for permission, roles in PERMISSIONS.items() if role in roles])
                for role in Role
            ],
            "sections": additions("parties.members", request, by.party),
        },
    )


def admit(request: Request) -> HttpResponse:
    request.member.require("manage members")
    form = Admission(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.admit_member(by=request.member, party=request.member.party, **form.cleaned_data)
            return redirect("parties:members")
        except Refused as refused:
            form.add_error(None, in_words(refused.code, "refusals"))
    return render(request, "parties/admit.html", {"form": form})


def roles(request: Request, key: int) -> HttpResponse:
    request.member.require("manage members")
    member = get_object_or_404(queries.members(by=request.member), pk=key)
    form = Roles(request.POST or None, initial={"roles": member.roles})
    if request.method == "POST" and form.is_valid():
        actions.change_roles(by=request.member, member=member, roles=form.cleaned_data["roles"])
        return redirect("parties:members")
    return render(request, "parties/roles.html", {"form": form, "subject": member})


@require_POST
def dismiss(request: Request, key: int) -> HttpResponse:
    member = get_object_or_404(queries.members(by=request.member), pk=key)
    actions.dismiss_member(by=request.member, member=member)
    return redirect("parties:members")


def disclose(request: Request) -> HttpResponse:
    request.member.require("disclose")
    form = DisclosureForm(request.POST or None, by=request.member)
    if request.method == "POST" and form.is_valid():
        actions.disclose(by=request.member, **form.cleaned_data)
        return redirect("parties:members")
    return render(request, "parties/disclose.html", {"form": form})


@require_POST
def withdraw(request: Request, key: int) -> HttpResponse:
    disclosure = get_object_or_404(queries.disclosures(by=request.member), pk=key)
    actions.withdraw_disclosure(by=request.member, disclosure=disclosure)
    return redirect("parties:members")
