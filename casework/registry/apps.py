from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class RegistryConfig(Room):
    name = "casework.registry"
    rail = (
        Link(Group.PEOPLE, _("Missing persons"), "registry:persons", "see missing persons"),
        Link(Group.PEOPLE, _("Families"), "registry:families", "see families"),
        Link(Group.PEOPLE, _("Loss incidents"), "registry:incidents", "see missing persons"),
    )
    verbs = {
        "registry.look_at_family": _("looked at a family"),
    }
