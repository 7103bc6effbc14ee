from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class PartiesConfig(Room):
    name = "casework.parties"
    rail = (Link(Group.RECORD, _("Parties and members"), "parties:members", "see members"),)
    verbs = {
        "parties.found_party": _("founded a party"),
        "parties.admit_member": _("admitted a member"),
        "parties.change_roles": _("changed a member’s roles"),
        "parties.dismiss_member": _("ended a membership"),
        "parties.disclose": _("disclosed records to another party"),
        "parties.withdraw_disclosure": _("withdrew a disclosure"),
        "parties.refuse_disclosure_request": _("refused a mutual disclosure"),
        "parties.withdraw_disclosure_request": _("withdrew a mutual disclosure request"),
        "parties.end_mutual_disclosure": _("ended a mutual disclosure"),
        "parties.pin_key": _("entered a signing key from the minutes"),
        "parties.revoke_key": _("revoked a signing key"),
    }
    refusals = {
        "not-permitted": _("Your roles do not include this. An administrator of your party can change them."),
        "not-found": _("There is nothing here that you may see. Check the number, or ask whoever gave you the link."),
        "party-exists": _("A party with this code has already been founded."),
        "username-taken": _("This user name is already in use. Choose another."),
        "weak-password": _("The password is too easy to guess. Use at least 12 characters that are no common words."),
        "unknown-role": _("Give the member at least one of the roles in the list."),
        "own-roles": _("Nobody changes his or her own membership. Ask another administrator."),
        "own-party": _("These records are your own party’s already."),
        "already-disclosed": _("This is already disclosed to that party."),
        "already-withdrawn": _("This disclosure has already been withdrawn."),
        "reason-needed": _("Say why. The reason stays on record for both sides."),
        "request-settled": _("This request has already been settled."),
        "not-your-key": _("A party that acts here has its keys entered and revoked by its own authority."),
        "minutes-needed": _("Say in which session’s minutes the fingerprint stands; it is trusted because of that."),
        "not-a-fingerprint": _("A fingerprint is 64 digits and letters a to f, on paper in sixteen groups of four."),
        "key-does-not-fit": _("The key in the file has another fingerprint. Compare it with the minutes again."),
        "key-of-another": _("This fingerprint is already entered for another party, or for another use."),
        "key-needs-statement": _(
            "Your party has a key already. A further one is introduced by a statement signed with that key; "
            "if it is lost, revoke it first."
        ),
        "already-revoked": _("This key has already been revoked."),
    }
