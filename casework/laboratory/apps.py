from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class LaboratoryConfig(Room):
    name = "casework.laboratory"
    rail = (
        Link(Group.LABORATORY, _("Boxes"), "laboratory:boxes", "see remains"),
        Link(Group.LABORATORY, _("Remains"), "laboratory:remains", "see remains"),
        Link(Group.LABORATORY, _("Files of laboratories"), "laboratory:files", "see profiles"),
    )
    verbs = {
        "laboratory.look_at_profiles": _("looked at profiles"),
        "laboratory.hand_in_file": _("handed in a laboratory’s file"),
        "laboratory.keep_file": _("kept what a laboratory’s file adds"),
        "laboratory.discard_file": _("put a laboratory’s file aside"),
        "laboratory.enter_specimen": _("entered a bone"),
        "laboratory.enter_measurement": _("entered a measurement"),
        "laboratory.enter_trait": _("entered an observation"),
        "laboratory.enter_chart": _("entered a dental chart"),
        "laboratory.enter_dental_record": _("entered a dental record"),
        "laboratory.enter_comparison": _("recorded a comparison"),
        "laboratory.strike": _("took back a record"),
    }
    refusals = {
        "file-settled": _("This file was kept or put aside already."),
        "rows-rejected": _(
            "Rows of this file were not read. Say that the rest is to be kept without them, or correct it."
        ),
        "shown-otherwise": _(
            "By now this file would add something else than its page showed, because the records have changed. "
            "Nothing was kept; hand it in again."
        ),
        "no-programme": _(
            "This party has not brought in a programme yet. A registrar can do so under “Files in and out”."
        ),
        "number-taken": _("Remains or a relative have this number. Specimens need numbers of their own."),
        "on-record-already": _("This is on record already. Take the record back first if it is wrong."),
        "no-tooth": _("The chart names no tooth."),
        "nobody-of-that-number": _("Nobody on the list has this number, and no group of outsiders this name."),
        "verdict-unknown": _("The calibration of this method does not know this verdict. Write one of its words."),
        "verdict-uncalibrated": _(
            "How often this method gives its verdicts is not known, so that it could not be weighed. A registrar "
            "brings its calibration in first, with verdict_rates.csv of the programme folder."
        ),
        "has-measurements": _("Measurements of this bone are on record. Take them back first."),
    }
    additions = {
        "custody.container": "casework.laboratory.additions.remains_in_container",
        "registry.person": "casework.laboratory.additions.claims_and_teeth_of_person",
        "registry.family": "casework.laboratory.additions.samples_on_family",
        "operations.theatre": "casework.laboratory.additions.theatre_of",
        "registry.family.typed": "casework.laboratory.additions.typed_in_family",
    }
