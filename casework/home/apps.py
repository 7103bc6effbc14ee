from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class HomeConfig(Room):
    name = "casework.home"
    rail = (Link(Group.PROGRAMME, _("Where it stands"), "home:standing", "see where it stands"),)
