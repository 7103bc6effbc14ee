from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class RunsConfig(Room):
    name = "casework.runs"
    rail = (Link(Group.BOARD, _("Runs"), "runs:runs", "see comparisons"),)
    verbs = {
        "runs.ask": _("asked for a run"),
        "runs.cancel": _("asked that a run be stopped"),
        "runs.finish": _("finished a run"),
        "runs.stop": _("stopped a run as asked"),
        "runs.fail": _("could not finish a run"),
        "runs.give_up": _("found that a run had lost its worker"),
        "runs.take_file": _("took a file of a run"),
        "runs.read_report": _("read the report of a run"),
    }
    refusals = {
        "already-asked": _("A run is already waiting or running. Let it finish, or cancel it first."),
        "not-at-work": _("This run has already ended."),
        "no-file": _("This run has no such file."),
    }
