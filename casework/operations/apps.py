from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class OperationsConfig(Room):
    name = "casework.operations"
    rail = (
        Link(Group.SEARCH, _("Sites"), "operations:sites", "see operations"),
        Link(Group.SEARCH, _("Leads"), "operations:leads", "see operations"),
        Link(Group.SEARCH, _("Accounts of places"), "operations:accounts", "see operations"),
        Link(Group.SEARCH, _("Joint operations"), "operations:operations", "see operations"),
    )
    verbs = {
        "operations.enter_lead": _("entered a lead"),
        "operations.enter_account": _("entered an account of where someone may lie"),
        "operations.enter_site": _("entered a site"),
        "operations.move_site": _("carried a site on"),
        "operations.approve_site": _("recorded a side’s consent to a site"),
        "operations.withdraw_consent": _("recorded that a side withdrew its consent to a site"),
        "operations.set_permit": _("recorded the permit of a site"),
        "operations.enter_search": _("recorded a search"),
        "operations.take_back": _("took back a search, a lead or an account"),
        "operations.plan_operation": _("planned a joint operation"),
        "operations.move_operation": _("carried a joint operation on"),
        "operations.open_unit": _("opened an excavation unit"),
        "operations.close_unit": _("closed an excavation unit"),
    }
    refusals = {
        "number-on-record": _("This number is on record already. A number is never used twice."),
        "no-such-region": _("No region of this number is on record."),
        "not-next": _("This cannot follow the present state."),
        "no-ground": _("Nobody has said where this site is. Say where it is first."),
        "say-why": _("Say why: the reason stays on record."),
        "nothing-searched": _("No search of this site is on record. Record what was done there first."),
        "not-nominated": _("Only a site that is nominated can be consented to."),
        "say-where": _("Say who of the other side consented, and in which paper."),
        "no-side": _("A neutral is no side to this."),
        "no-such-subject": _("No missing person and no incident of this number is on record."),
        "no-such-account": _("No account of this number is on record."),
        "moved-there": _("Another account says that its people were moved to this place. Take that one back first."),
        "withdrawn-already": _("This consent was withdrawn already."),
        "approved-already": _("The consent of this side is on record already."),
        "ends-before-start": _("This ends before it begins."),
        "not-approved": _("Both sides must have approved every site of an operation before it is deployed."),
        "site-not-open": _("Units are opened on a site that is open."),
        "unit-closed": _("This unit is closed already."),
    }
