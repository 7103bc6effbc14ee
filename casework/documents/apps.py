from django.utils.translation import gettext_lazy as _

from casework.frame import Group, Link, Room


class DocumentsConfig(Room):
    name = "casework.documents"
    rail = (
        Link(Group.PROGRAMME, _("Documents"), "documents:documents", "see documents"),
        Link(Group.PROGRAMME, _("Claims"), "documents:claims", "see documents"),
    )
    verbs = {
        "documents.keep_document": _("kept a document"),
        "documents.name_document": _("named a source"),
        "documents.show_document": _("showed a document to a party"),
        "documents.publish_document": _("marked a document as published"),
        "documents.open_photograph": _("opened a photograph of remains"),
        "documents.quote": _("quoted a document"),
        "documents.claim": _("entered a claim"),
        "documents.supersede": _("marked a claim as superseded"),
        "documents.dispute": _("disputed a claim"),
        "documents.withdraw_dispute": _("withdrew a dispute of a claim"),
    }
    refusals = {
        "file-empty": _("The file is empty. Choose the file that you mean to keep."),
        "file-too-large": _("The file is larger than 32 MB. Keep it in parts, or a smaller copy of it."),
        "kind-not-kept": _(
            "Only PDF, PNG, JPEG, plain text (UTF-8) and HTML are kept, by what the file holds and not by its name. "
            "Print it to PDF and keep that."
        ),
        "file-altered": _(
            "The file that lies here no longer has its digest, so it is not given out. Whoever runs the server "
            "can restore it from a copy; any file with this digest is the right one."
        ),
        "already-kept": _("Your party already keeps this file: a document with the same digest is in the records."),
        "date-unclear": _("Write the date as 2018, 2018-07 or 2018-07-16."),
        "photograph-not-public": _("A photograph of remains is never published."),
        "purpose-missing": _("Say for what purpose the photograph is opened. It is written in the journal."),
        "title-missing": _("Say what the source is called."),
        "nothing-quoted": _("Write down what the document says, word for word."),
        "speaker-missing": _("Name who said it, or say that the publisher does not name anyone."),
        "claimant-missing": _("Say what the claim is about, and who makes it."),
        "nothing-claimed": _("Enter a number, or write in words what is claimed."),
        "not-a-count": _("Enter a number from zero upwards, with at most four decimals and no unit."),
        "code-taken": _("This code is already used. A code is never used again for something else."),
        "claim-code-form": _("A code has no blanks and no strokes, at most sixty signs."),
        "supersede-instead": _("Enter the claim as it stands; then mark which later claim supersedes it."),
        "already-superseded": _("This claim has already been superseded. Work with the one that stands."),
        "another-claimant": _(
            "These are claims of two different claimants. They stand side by side; neither supersedes the other."
        ),
        "another-matter": _("These claims are about different things. A claim supersedes one about the same matter."),
        "reason-missing": _("Say why the claim is disputed."),
        "already-disputed": _("Your party already disputes this claim."),
        "not-disputed": _("Your party does not dispute this claim."),
    }
