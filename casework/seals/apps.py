from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class SealsConfig(Room):
    name = "casework.seals"
    rail = (Link(Group.CUSTODY, _("Statements"), "seals:statements", "see statements"),)
    verbs = {
        "seals.prepare": _("prepared a statement for signing"),
        "seals.sign": _("took in signatures on a statement"),
        "seals.enter_paper": _("entered a signed paper against its digest"),
        "seals.discard": _("put an unsigned statement aside"),
        "seals.show": _("showed a statement to another party"),
        "seals.propose_disclosure": _("proposed a mutual disclosure"),
        "seals.read_openings": _("read what commitments stand for"),
        "seals.checkpoint": _("made a checkpoint of the log"),
        "seals.cosign": _("recorded that another party’s log was cosigned"),
        "seals.cosigned_by_another": _("recorded that another party cosigned the log"),
        "seals.know_log": _("entered another party’s log from the minutes"),
    }
    refusals = {
        "not-the-author": _("A statement is prepared by the party that speaks, which signs it first."),
        "statement-refused": _("What was entered cannot be signed: something in it contradicts itself or is missing."),
        "opening-wrong": _("What was disclosed is not what the statement committed to."),
        "envelope-unreadable": _(
            "This is not a signed envelope. Hand in the file that homeward seal sign wrote, unchanged."
        ),
        "payload-altered": _("What was signed is not this statement: its bytes differ. Download it again and sign it."),
        "unknown-party": _("A party that is to sign is not known at this installation. Found it first."),
        "unknown-statement": _("What was signed is no statement that your party may see here. Nothing was recorded."),
        "no-signature": _("There is no signature in this envelope."),
        "not-a-signer": _("One of the signatures is by a key that this statement does not ask for."),
        "key-or-paper": _(
            "No party had a key when this was prepared, so it is signed on paper. "
            "Enter the signed paper, or enter the parties’ keys and prepare it anew."
        ),
        "signs-on-paper": _(
            "This statement was prepared for your party to sign on paper, before it had a key. "
            "Enter the signed paper, or prepare the statement anew."
        ),
        "signs-by-key": _(
            "That party signs this statement with its key. Only it can say that it signed on paper instead."
        ),
        "key-unknown": _("The key itself has not been seen here yet. Enter the public key file of that party first."),
        "key-not-theirs": _("One of the signatures is by a key that belongs to another party, or to an installation."),
        "key-revoked": _("One of the signatures is by a key that has been revoked. Nothing was recorded."),
        "signature-bad": _("One of the signatures does not fit the bytes of this statement. Nothing was recorded."),
        "voided-already": _("This statement has been voided."),
        "not-signed-yet": _("Nobody has signed this yet. It can simply be discarded."),
        "not-signed-by-us": _("Your party has not signed this statement. Whoever has can show it."),
        "signed-already": _("Somebody has signed this. It is not discarded any more; it can be voided."),
        "discarded": _("This statement was discarded before anybody signed it."),
        "nobody-signed": _("Say who signed the paper."),
        "key-unreadable": _("This is not a public key file. Hand in the .pub.json that homeward seal keygen wrote."),
        "key-names-another": _("The file names another party as the owner of this key."),
        "first-key": _("Your party has no key yet. The first is entered from the minutes."),
        "key-known": _("This key is already entered."),
        "nothing-offered": _("Choose what your party shows and what it asks to see."),
        "unknown-kind": _("Choose from the kinds in the list."),
        "own-log": _("This party acts here; its log is kept here and known without minutes."),
        "other-log": _("Another installation’s key is on record for this log. Settle with that party which is right."),
        "not-an-origin": _("A log’s name has no blank and no plus sign. Copy it from the minutes."),
        "not-a-note": _("This is not a signed checkpoint. Hand in the file that homeward seal witness wrote."),
        "unknown-log": _("This checkpoint is of a log that your party does not know."),
        "not-offered": _("This is not the checkpoint that awaits cosigning here."),
        "no-cosignature": _("The checkpoint bears no good cosignature of a party’s key that is known here."),
    }
    additions = {"parties.members": "casework.seals.additions.on_members"}
    stands = {
        "void": "casework.seals.standing.voided",
        "paper": "casework.seals.standing.papers",
        "key": "casework.seals.standing.keys",
        "session": "casework.seals.standing.minutes",
        "disclosure": "casework.seals.standing.mutual",
        "refusal": "casework.seals.standing.refused",
    }
