from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class BoardConfig(Room):
    name = "casework.board"
    rail = (Link(Group.BOARD, _("Comparisons"), "board:comparisons", "see comparisons"),)
    verbs = {
        "board.ask_identification": _("asked who the remains may be"),
        "board.ask_analysis": _("asked for a comparison, or a test of references or families"),
        "board.register_identification": _("entered an identification computed elsewhere"),
        "board.look_at_comparison": _("looked at a comparison with family data"),
    }
    refusals = {
        "no-such-analysis": _("There is no such computation."),
    }
