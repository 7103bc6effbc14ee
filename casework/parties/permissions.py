"""Who may do what: one table, read from left to right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member does for a party. One member may have several."""

    REGISTRAR = "registrar", _("registrar")
    NEGOTIATOR = "negotiator", _("negotiator")
    FIELD_LEAD = "field_lead", _("field lead")
    CUSTODIAN = "custodian", _("custodian")
    ANTHROPOLOGIST = "anthropologist", _("anthropologist")
    DNA_ANALYST = "dna_analyst", _("DNA analyst")
    BOARD_MEMBER = "board_member", _("board member")
    AUTHORITY = "authority", _("authority")
    FAMILY_LIAISON = "family_liaison", _("family liaison")
    OBSERVER = "observer", _("neutral observer")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


EVERYONE = frozenset(Role)

# DNA analysts see coded identities, no names. Anthropologists are blind to the candidate's records until
# comparison. Family liaisons see outcomes, not profiles. Administrators sign nothing and see no DNA.
PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "see where it stands": EVERYONE,
    "see missing persons": EVERYONE - {Role.ADMINISTRATOR, Role.ANTHROPOLOGIST, Role.CUSTODIAN},
    "see names": EVERYONE - {Role.ADMINISTRATOR, Role.ANTHROPOLOGIST, Role.CUSTODIAN, Role.DNA_ANALYST},
    "see places": frozenset(
        {Role.REGISTRAR, Role.FIELD_LEAD, Role.CUSTODIAN, Role.ANTHROPOLOGIST, Role.BOARD_MEMBER, Role.AUTHORITY}
    ),
    # Whoever examines was not on that dig and does not know of it; places need "see places" besides.
    "see operations": EVERYONE
    - {Role.ADMINISTRATOR, Role.ANTHROPOLOGIST, Role.DNA_ANALYST, Role.FAMILY_LIAISON, Role.CUSTODIAN},
    "see maps": frozenset({Role.REGISTRAR, Role.FIELD_LEAD, Role.BOARD_MEMBER, Role.AUTHORITY}),
    "keep operations": frozenset({Role.FIELD_LEAD}),
    "approve sites": frozenset({Role.NEGOTIATOR, Role.AUTHORITY}),
    "ask for plans": frozenset({Role.FIELD_LEAD, Role.BOARD_MEMBER}),
    "see families": frozenset(
        {Role.REGISTRAR, Role.DNA_ANALYST, Role.BOARD_MEMBER, Role.AUTHORITY, Role.FAMILY_LIAISON}
    ),
    "see remains": EVERYONE - {Role.ADMINISTRATOR, Role.FAMILY_LIAISON},
    "see profiles": frozenset({Role.DNA_ANALYST, Role.BOARD_MEMBER}),
    # A sender's label names a person: who examines bones and teeth must not know it.
    "see claims": EVERYONE - {Role.ADMINISTRATOR, Role.ANTHROPOLOGIST},
    "examine remains": frozenset({Role.ANTHROPOLOGIST}),
    "see dental records": frozenset({Role.REGISTRAR, Role.BOARD_MEMBER, Role.AUTHORITY, Role.FAMILY_LIAISON}),
    "keep dental records": frozenset({Role.REGISTRAR, Role.FAMILY_LIAISON}),
    "record comparisons": frozenset({Role.ANTHROPOLOGIST, Role.BOARD_MEMBER}),
    "see comparisons": frozenset({Role.DNA_ANALYST, Role.BOARD_MEMBER, Role.AUTHORITY}),
    "ask for runs": frozenset({Role.DNA_ANALYST, Role.BOARD_MEMBER}),
    "import programmes": frozenset({Role.REGISTRAR}),
    "export programmes": frozenset({Role.REGISTRAR}),
    "disclose": frozenset({Role.NEGOTIATOR, Role.AUTHORITY}),
    "see talks": EVERYONE - {Role.ADMINISTRATOR, Role.FAMILY_LIAISON, Role.ANTHROPOLOGIST, Role.DNA_ANALYST},
    "record talks": frozenset({Role.NEGOTIATOR}),
    "see documents": EVERYONE - {Role.ADMINISTRATOR, Role.ANTHROPOLOGIST, Role.DNA_ANALYST},
    "keep documents": frozenset({Role.NEGOTIATOR, Role.REGISTRAR, Role.CUSTODIAN}),
    "see custody": EVERYONE - {Role.ADMINISTRATOR, Role.FAMILY_LIAISON, Role.DNA_ANALYST},
    "keep custody": frozenset({Role.CUSTODIAN}),
    "offer transfers": frozenset({Role.CUSTODIAN, Role.NEGOTIATOR}),
    "receive transfers": frozenset({Role.CUSTODIAN}),
    "see statements": EVERYONE - {Role.ADMINISTRATOR, Role.FAMILY_LIAISON, Role.DNA_ANALYST},
    "sign statements": frozenset({Role.AUTHORITY, Role.NEGOTIATOR, Role.CUSTODIAN, Role.OBSERVER}),
    # What commitments stand for: who keeps the records and who decides, not who must stay blind to names.
    "read openings": frozenset(
        {Role.REGISTRAR, Role.NEGOTIATOR, Role.CUSTODIAN, Role.BOARD_MEMBER, Role.AUTHORITY, Role.AUDITOR}
    ),
    "exchange bundles": frozenset({Role.AUTHORITY, Role.NEGOTIATOR, Role.CUSTODIAN, Role.OBSERVER}),
    "manage keys": frozenset({Role.AUTHORITY}),
    "see figures": EVERYONE,
    "publish figures": frozenset({Role.REGISTRAR, Role.AUTHORITY}),
    "read the journal": frozenset({Role.AUDITOR}),
    "see members": EVERYONE,
    "manage members": frozenset({Role.ADMINISTRATOR}),
}


def allowed(roles: Iterable[str], permission: str) -> bool:
    """Whether any of these roles has the permission. An unknown permission is a mistake in the code."""
    return not PERMISSIONS[permission].isdisjoint(roles)
