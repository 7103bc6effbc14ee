from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class ExchangeConfig(Room):
    name = "casework.exchange"
    rail = (
        Link(Group.PROGRAMME, _("Files in and out"), "exchange:deliveries", "import programmes"),
        Link(Group.PROGRAMME, _("Sealed bundles"), "exchange:bundles", "exchange bundles"),
    )
    verbs = {
        "exchange.hand_in": _("handed in a file and had it read"),
        "exchange.bring_in": _("brought a file’s rows into the records"),
        "exchange.discard": _("discarded a file"),
        "exchange.give_out": _("took the whole programme out as a file"),
        "exchange.hand_in_bundle": _("handed in a sealed bundle and had it verified"),
        "exchange.bring_in_bundle": _("brought in a sealed bundle"),
        "exchange.receive_statement": _("received a statement from another party"),
        "exchange.discard_bundle": _("discarded a sealed bundle"),
        "exchange.give_out_bundle": _("gave out a sealed bundle"),
        "exchange.give_out_anchors": _("took out the anchors"),
    }
    refusals = {
        "not-a-container": _("Hand in a .zip of the programme folder, or an .xlsx workbook."),
        "file-changed": _("The file no longer says what was shown. Hand it in again."),
        "already-settled": _("This file has already been brought in or discarded."),
        "bundle-too-large": _("The file is larger than a bundle may be."),
        "bundle-not-accepted": _(
            "The bundle does not hold against what is known here now. Hand it in again and read why."
        ),
        "nothing-to-give": _("Choose something that the other party may see."),
        "too-many-statements": _("That is more than fits in one bundle. Choose fewer subjects."),
        "several-programmes": _(
            "The statements chosen call the programme by different names. Give them out in separate bundles."
        ),
        "says-otherwise": _(
            "Some rows carry numbers that the records already have, with different content. "
            "Nothing was brought in: a number is never used again for something else."
        ),
    }
