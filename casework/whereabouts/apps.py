from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class WhereaboutsConfig(Room):
    name = "casework.whereabouts"
    rail = (
        Link(Group.SEARCH, _("Map"), "whereabouts:map", "see maps"),
        Link(Group.SEARCH, _("Season plans"), "whereabouts:plans", "see maps"),
    )
    verbs = {
        "whereabouts.look_at_belief": _("looked at where someone may lie"),
        "whereabouts.ask_plan": _("asked for a season’s plan"),
    }
    additions = {
        "registry.person": "casework.whereabouts.additions.of_person",
        "operations.site": "casework.whereabouts.additions.of_site",
    }
    refusals = {
        "nothing-told": _("Nobody has said yet where any of the missing may lie. Bring accounts in with a programme."),
    }
