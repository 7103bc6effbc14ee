from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class ExchangeConfig(Room):
    name = "casework.exchange"
    rail = (Link(Group.PROGRAMME, _("Files in and out"), "exchange:deliveries", "import programmes"),)
    verbs = {
        "exchange.hand_in": _("handed in a file and had it read"),
        "exchange.bring_in": _("brought a file’s rows into the records"),
        "exchange.discard": _("discarded a file"),
        "exchange.give_out": _("took the whole programme out as a file"),
    }
    refusals = {
        "not-a-container": _("Hand in a .zip of the programme folder, or an .xlsx workbook."),
        "file-changed": _("The file no longer says what was shown. Hand it in again."),
        "already-settled": _("This file has already been brought in or discarded."),
        "says-otherwise": _(
            "Some rows carry numbers that the records already have, with different content. "
            "Nothing was brought in: a number is never used again for something else."
        ),
    }
