from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class JournalConfig(Room):
    name = "casework.journal"
    rail = (Link(Group.RECORD, _("Journal"), "journal:records", "read the journal"),)
