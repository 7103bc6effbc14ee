"""What can be wrong with a bundle, in words: why, and what to do. The codes are those of ``docs/methods/seals.md``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words
else:
    Words = str

FAULTS: Mapping[str, tuple[Words | str, Words | str]] = {
    "container": (
        _("These are not the bytes of a bundle: the file was cut short, changed or packed again."),
        _("Ask for the file again, as it was made; do not unpack and repack it."),
    ),
    "not-canonical": (
        _("It is not written in the one form in which it can be signed."),
        _("Someone or some program has rewritten it. Ask for the original."),
    ),
    "schema": (
        _("It is not of the form that the format asks for."),
        _("Ask its maker for one made by the present format."),
    ),
    "note": (
        _("The checkpoint is not whole, or a signature under it is not good."),
        _("Ask the log’s owner for its checkpoint again."),
    ),
    "seal": (
        _("The exporter’s seal is not for these files, or not for this log."),
        _(
            "Files were exchanged after the bundle was sealed, or it was sealed by another. Ask the "
            "exporter for a new bundle."
        ),
    ),
    "file-missing": (
        _("A file that belongs to this bundle is not in it."),
        _("Ask the exporter for the whole bundle."),
    ),
    "file-extra": (
        _("This file was not there when the bundle was sealed."),
        _("It was put in later. Do not open it; ask who handled the file."),
    ),
    "file-altered": (
        _("This file is not the one that was sealed."),
        _("It was changed afterwards. Compare it with the exporter’s copy."),
    ),
    "key-altered": (
        _("The fingerprint is not that of the key."),
        _("The key was exchanged for another. Compare it with the minutes."),
    ),
    "envelope": (
        _("The envelope around the statement is not of its form."),
        _("Ask for the signed statement again."),
    ),
    "misnamed": (
        _("The file is not what its name says."),
        _("It was put in another’s place. Ask the exporter for the right one."),
    ),
    "signer-unexpected": (
        _("Someone signed who is no signer of this statement."),
        _("Ask that party what it meant to sign."),
    ),
    "unknown-key": (
        _("The key of this signature is not in the bundle."),
        _("Ask the exporter for a bundle with all keys."),
    ),
    "key-party": (
        _("The key belongs to another party than the one it signs for."),
        _("Take it up with both parties."),
    ),
    "wrong-role": (
        _("The key may not sign this: a server’s key signs its log only, a party’s key signs statements."),
        _("Ask the party to sign with its own key."),
    ),
    "signature": (
        _("The signature is not by this key over this statement."),
        _("The statement or the signature was changed, or another key was used. Ask the party for its signed copy."),
    ),
    "split-view": (
        _("The log does not continue the checkpoint it showed before: it shows different parties different records."),
        _("Keep both checkpoints; together they are proof. Take them to the other side and to the neutral."),
    ),
    "proof": (
        _("The log does not hold this signature where it says."),
        _("Ask the log’s owner for a proof from its checkpoint."),
    ),
    "entry-missing": (
        _("This signature is not in the exporter’s log."),
        _("Ask the exporter to record it and to export again."),
    ),
    "entry-extra": (
        _("The log’s list speaks of a signature that is not here, or of one twice."),
        _("A signature was taken out of the bundle. Ask the exporter for it."),
    ),
    "revoked-key": (
        _("The key had been revoked before it signed this."),
        _("Do not rely on this signature. Ask the party whether it stands by it."),
    ),
    "opening": (
        _("What was disclosed is not what the statement committed to."),
        _("Ask whoever disclosed it for the right value and salt."),
    ),
    "unpinned-key": (
        _("Nothing on record says that this key is this party’s."),
        _("Compare its fingerprint with the minutes and enter it under Parties and keys."),
    ),
    "unpinned-log": (
        _("Nothing on record says that this log is this party’s."),
        _("Enter its name and its installation’s fingerprint from the minutes, on the page of the log."),
    ),
    "no-checkpoint": (
        _("Your party has not cosigned a checkpoint of this log yet."),
        _("This is the first. Compare its size and root face to face, then cosign it."),
    ),
    "no-consistency": (
        _("The bundle does not show that this log continues the checkpoint you cosigned."),
        _("Ask the exporter for a bundle from your last checkpoint on."),
    ),
    "other-log": (
        _("You know this log under another installation’s key."),
        _("Someone shows another log under the same name. Take it up face to face."),
    ),
    "older-checkpoint": (
        _("This log is shorter than the one you cosigned: it is an old copy, or something was taken out."),
        _("Ask for a present one; if there is none, your cosigned checkpoint is proof."),
    ),
    "unknown-party": (
        _("A party that is to sign is not known at this installation."),
        _("The server’s operator can enter it: manage.py found_party --elsewhere."),
    ),
    "revoked-here": (
        _("The key was revoked here, by what was said in a session."),
        _("No log tells whether it signed before that. Ask the party to sign with a key that is in force."),
    ),
    "signed-otherwise": (
        _("Another signature of this key on this statement is on record here."),
        _("Keep both. Ask the party which is its own."),
    ),
    "follows-missing": (
        _("It rests on a statement that is not in this bundle."),
        "",
    ),
    "document-missing": (
        _("It speaks of a document that is not in this bundle."),
        "",
    ),
    "older-copy": (
        _("The log is shown as it was before your checkpoint of it."),
        "",
    ),
    "document-left": (
        _("A document was left in the bundle."),
        _("Someone who may keep documents of this kind can bring the bundle in again."),
    ),
}


def told(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Faults as a page shows them: the words for the code, beside what the verifier said."""
    return [{**fault, "why": _word(fault["code"], 0), "remedy": _word(fault["code"], 1)} for fault in faults]


def _word(code: str, which: int) -> str:
    return str(FAULTS[code][which]) if code in FAULTS else code
