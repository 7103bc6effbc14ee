from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class AgreementsConfig(Room):
    name = "casework.agreements"
    rail = (
        Link(Group.PROGRAMME, _("Talks"), "agreements:talks", "see talks"),
        Link(Group.PROGRAMME, _("Agreements"), "agreements:agreements", "see talks"),
        Link(Group.PROGRAMME, _("Promised, done, disputed"), "agreements:promised", "see talks"),
    )
    verbs = {
        "agreements.open_forum": _("entered a forum"),
        "agreements.add_tier": _("entered a level of a forum"),
        "agreements.enter_mandate": _("entered who acts for whom"),
        "agreements.pause_forum": _("entered that a forum stopped meeting"),
        "agreements.resume_forum": _("entered that a forum meets again"),
        "agreements.propose": _("entered a proposal"),
        "agreements.answer_proposal": _("entered the answer to a proposal"),
        "agreements.withdraw_proposal": _("entered that a proposal was withdrawn"),
        "agreements.enter_session": _("entered a session of the past"),
        "agreements.hold": _("entered that a session was held"),
        "agreements.postpone": _("entered that a session was postponed"),
        "agreements.not_held": _("entered that a session was not held"),
        "agreements.suspend": _("entered that a session was suspended"),
        "agreements.resume": _("entered that a session was resumed"),
        "agreements.add_agenda_item": _("entered an item of the agenda"),
        "agreements.name_delegate": _("named a delegate"),
        "agreements.add_attribute": _("entered what is said of a delegate"),
        "agreements.keep_minutes": _("kept minutes of a session"),
        "agreements.release_minutes": _("released minutes to the other parties"),
        "agreements.write_fingerprint": _("wrote down a fingerprint read out at the table"),
        "agreements.draw_up_statement": _("drew up the statement of a session for signature"),
        "agreements.enter_agreement": _("entered an agreement"),
        "agreements.quote_clause": _("quoted a clause"),
        "agreements.enter_commitment": _("entered a commitment"),
        "agreements.quote_commitment": _("quoted a commitment in a further language"),
        "agreements.draw_up_commitment": _("drew up a commitment’s text for signature"),
        "agreements.move_commitment": _("entered a new state of a commitment"),
        "agreements.assess": _("assessed a commitment"),
        "agreements.add_evidence": _("linked evidence to a commitment"),
        "agreements.withdraw_evidence": _("took back evidence of a commitment"),
    }
    refusals = {
        "no-seat": _("Name only parties that belong to this forum or agreement, your own among them."),
        "code-form": _("A code has letters, digits and hyphens, no blanks, at most fifty of them."),
        "two-sides": _("A forum has at least two sides, and each party sits there once."),
        "other-forum": _("This belongs to another forum."),
        "acts-for-itself": _("A party acts for another party, not for itself."),
        "day-missing": _("Say on which day, or in which month or year."),
        "day-before": _("This day lies before the one on which it began."),
        "not-yet": _("This day is still to come. Enter it when it has happened."),
        "zone-unknown": _("Give the time with its time zone, such as Asia/Seoul or UTC."),
        "ends-before": _("A session does not end before it begins."),
        "already-paused": _("This forum has already stopped meeting. Enter when it meets again first."),
        "not-paused": _("This forum has not stopped meeting."),
        "own-proposal": _("A party does not answer its own proposal. It can withdraw it, or make another."),
        "already-answered": _("This proposal has been answered or withdrawn. Make a new proposal."),
        "session-over": _("The session that this proposal is about is over. Make a new proposal."),
        "already-held": _("This session has already been held. A second meeting is a session of its own."),
        "session-life": _("A session in this state cannot pass into that one."),
        "absent-missing": _("A session that was not held names the party that stayed away."),
        "name-missing": _("Write the delegate’s name, as the source writes it."),
        "delegate-named": _("This delegation already has a delegate of this name."),
        "attribute-said": _("This is already entered, with the same source."),
        "minutes-not-ours": _("Minutes are a file that your own party keeps among its documents. Keep it there first."),
        "language-missing": _("Say in which language it is written."),
        "already-released": _("These minutes have already been released."),
        "fingerprint-form": _("A fingerprint has 64 digits from 0 to 9 and a to f, in sixteen groups of four."),
        "fingerprint-written": _("Your party has already written down this fingerprint for this session."),
        "session-open": _("What became of this session is not known yet. Enter it first."),
        "day-inexact": _("A signed statement names the exact day of the session. Its day is known less precisely."),
        "already-drawn-up": _("A statement of this awaits signatures already. Sign it, or discard it first."),
        "reason-whose": _("Write the reason, and who gave it."),
        "before-its-parent": _("What carries out an agreement or a commitment is not older than it is."),
        "already-quoted": _("This clause is already quoted in this language. What was quoted is not quoted over."),
        "obligor-missing": _("Name who is bound by the commitment, from among its parties."),
        "due-before-agreement": _("The due date lies before the day on which the commitment was made."),
        "needs-assessments": _(
            "Whether a commitment is fulfilled, partly fulfilled or disputed follows from what each party says of it. "
            "Enter your own party’s assessment."
        ),
        "commitment-life": _("A commitment in this state cannot pass into that one."),
        "object-form": _("Name the evidence by its kind and number, such as transfer:T-2018-01."),
        "already-linked": _("Your party has already linked this."),
    }
    stands = {
        "session": "casework.agreements.standing.session_signed",
        "proposal": "casework.agreements.standing.terms_signed",
    }
