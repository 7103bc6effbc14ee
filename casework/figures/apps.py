from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class FiguresConfig(Room):
    name = "casework.figures"
    rail = (Link(Group.PROGRAMME, _("Public figures"), "figures:figures", "see figures"),)
    verbs = {
        "figures.lay_out_sheet": _("laid out a sheet of figures"),
        "figures.add_stream": _("added a stream to a sheet"),
        "figures.set_cell": _("said where a number of a sheet comes from"),
        "figures.clear_cell": _("took a number off a sheet"),
        "figures.set_footnote": _("wrote a footnote"),
        "figures.read_beside": _("said which sheets to read beside one another"),
        "figures.draw_up_sheet": _("drew up a sheet from claims and records"),
        "figures.publish_sheet": _("published a sheet"),
        "figures.withdraw_sheet": _("withdrew a published sheet"),
        "figures.draft_statement": _("drafted a public statement from the records"),
        "figures.redraft_statement": _("drafted a public statement anew"),
        "figures.edit_statement": _("put a public statement in other words"),
        "figures.publish_statement": _("published a statement"),
        "figures.withdraw_statement": _("withdrew a published statement"),
    }
    refusals = {
        "figure-code-taken": _("This code is in use already. A code is never used again for something else."),
        "claim-or-count": _("A number is either a claim or a count of the records. Choose one of the two."),
        "headline-or-stream": _("A number above the table belongs to no stream; every other number belongs to one."),
        "reproduced-are-claims": _("In a sheet that reproduces another’s, every number is that publisher’s claim."),
        "claim-gone": _("No such claim is among your documents. Enter the claim with its source first."),
        "footnote-unknown": _("There is no footnote of this mark on the sheet. Write the footnote first."),
        "empty-sheet": _("The sheet has no numbers yet. Say where at least one number comes from."),
        "not-a-draft": _("Only a draft can be published. Draw up a new one."),
        "not-published": _("Only what is published can be withdrawn."),
        "reason-wanted": _("Say why. The reason is shown to whoever looks for what was published."),
        "span-reversed": _("The first day lies after the last."),
        "nothing-happened": _(
            "The records have nothing to say about these days: no session, no transfer. Choose another span."
        ),
        "both-languages": _("A public statement is published in both languages. Write both."),
    }
