from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class LaboratoryConfig(Room):
    name = "casework.laboratory"
    rail = (
        Link(Group.LABORATORY, _("Boxes"), "laboratory:boxes", "see remains"),
        Link(Group.LABORATORY, _("Remains"), "laboratory:remains", "see remains"),
    )
    verbs = {
        "laboratory.look_at_profiles": _("looked at profiles"),
    }
    refusals = {
        "no-programme": _(
            "This party has not brought in a programme yet. A registrar can do so under “Files in and out”."
        ),
    }
    additions = {
        "custody.container": "casework.laboratory.additions.remains_in_container",
        "registry.person": "casework.laboratory.additions.claims_on_person",
        "registry.family": "casework.laboratory.additions.samples_on_family",
        "registry.family.typed": "casework.laboratory.additions.typed_in_family",
    }
