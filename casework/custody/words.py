"""Homeward's words for what statements are called, and for every reason why one does not fit those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from homeward.reports.statement_words import word


def _said(key: str) -> str:
    return word(key, get_language() or "en")


said: Any = lazy(_said, str)  # one table of words for pages and papers, read when it is shown


def kind_word(kind: str) -> str:
    """What a kind of statement is called, in the reader's language."""
    return _said(f"kind.{kind}")


# By the codes of homeward/seals/rules.py; each says what to do.
RULES: Mapping[str, Any] = {
    "after-closing": _("The transfer is closed. Void the closing, or begin another transfer."),
    "after-abort": _("The transfer was broken off. Begin another transfer."),
    "after-refusal": _("The proposal was refused. Propose again first."),
    "not-a-party": _("Your party takes no part in this transfer."),
    "not-of-a-transfer": _("This kind of statement does nothing in a transfer."),
    "proposal-too-late": _("A manifest is agreed already. Agree a new version of it instead."),
    "not-proposed": _("No proposal names this giver and this receiver. Propose it first."),
    "unknown-statement": _("It names a statement that is not in this record."),
    "line-twice": _("A line stands twice. Let it stand once."),
    "container-twice": _("A container stands twice. List it once."),
    "container-in-two-manifests": _("A container is on another manifest of this transfer. Leave it out."),
    "version-not-higher": _("A later version of the manifest holds already."),
    "manifest-after-handover": _(
        "Something was handed over on this manifest. Open a discrepancy, or begin another transfer."
    ),
    "neutral-missing": _("The neutral it goes through does not sign as witness."),
    "manifest-not-agreed": _("No manifest stands yet. It must be signed by both sides and the neutral."),
    "manifest-superseded": _("This rests on a version of the manifest that no longer holds."),
    "line-not-listed": _("The manifest has no such line."),
    "seal-after-handover": _("The containers were handed over already."),
    "not-the-giver": _("Only who gives the containers says this."),
    "not-the-receiver": _("Only who receives the containers says this."),
    "not-held": _("By your own record another party has this container. Leave it out."),
    "not-with-the-giver": _("This container is in other hands. Leave it out."),
    "line-handed-twice": _("This line was handed over already. Void that handover first."),
    "nothing-handed-over": _("Nothing was handed over yet. The handover must be signed by both sides."),
    "line-not-handed-over": _("This line was not handed over; what came is an unlisted extra."),
    "line-received-twice": _("A receipt for this line stands already. Void that receipt first."),
    "line-unmentioned": _("A line that was handed over is not mentioned. Say what became of it."),
    "nothing-received": _("Nothing was received yet."),
    "line-not-received": _("This container was not received. Leave it out, or write its receipt."),
    "not-jointly": _("An inspection is joint only if both sides sign it."),
    "number-twice": _("This number is taken. Use the next free one."),
    "container-unknown": _("This transfer has no such container."),
    "unknown-number": _("There is no reservation or discrepancy of this number."),
    "already-resolved": _("This is settled already."),
    "not-by-the-raiser": _("Whoever raised this must sign its resolution."),
    "nothing-to-resolve": _("Nothing is open."),
    "issued-twice": _("This case was sent empty already."),
    "not-issued": _("This case was never sent empty, so it does not come back empty."),
    "returned-twice": _("This container was returned already."),
    "returned-though-received": _("This case came back full, so it is not returned empty."),
    "open-discrepancies": _("A discrepancy is open. Settle it first; each side may keep its version."),
    "accounts-differ": _("This is not the account that the statements give."),
    "refuses-standing": _("This stands already. Who has signed it cannot refuse it; it can be voided."),
    "not-asked": _("Nobody has asked your party to sign this."),
    "abort-after-handover": _("Containers have changed hands. Return them, or close with an account."),
    "nothing-to-abort": _("Nothing has begun that could be broken off."),
    "void-not-by-all": _("All who signed it must sign that it is void."),
    "others-rest-on-it": _("Other statements rest on it. Void those first."),
    "total-differs": _("A total is not that of its lines."),
    "not-clean": _("It calls itself clean, and its lines are not."),
    "extra-and-line": _("An unlisted extra has no line, and every other container has one."),
    "about-nothing": _("Name lines, containers or items."),
    "about-nobody": _("Say whose they are: a group, or a party."),
}


def reasons(about: Mapping[str, Any]) -> Sequence[str]:
    """Why a statement does not fit, each reason in words with the value it is about."""
    values = about.get("values", {})
    told = []
    for code in about.get("codes", ()):
        value = values.get(code, "")
        shown = "" if not value or str(value).startswith("sha256:") else f" ({value})"
        told.append(f"{RULES.get(code, code)}{shown}")
    return told
