"""What each kind of statement says: the shape of its body, and what cannot be true inside it.

Section 4 of ``docs/methods/seals.md`` as tables. ``BODIES`` holds the shapes; :func:`contradictions` what a shape
cannot hold: a line twice, a count that is not that of its lines. Whether a statement fits those before it is the
business of ``transfer.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeward.seals.shapes import (
    BASE64,
    DATE,
    DIGEST,
    FINGERPRINT,
    LANGUAGE,
    PARTY,
    TEXTS,
    ListOf,
    OneOf,
    Record,
    Text,
    Whole,
    YesNo,
)

CONTENTS = ("remains", "effects", "material", "documents", "empty")
SEAL_CONDITIONS = ("whole", "broken", "missing", "none")
RECEIPT_OUTCOMES = ("received", "not_received", "unlisted_extra", "seal_broken", "wrong_content", "returned")
NOT_KEPT = ("not_received", "returned")  # such a line leaves no container with the receiver
FOUND = ("remains", "nothing", "effects", "material", "animal", "mixed")
DISCREPANCIES = ("count", "seal", "weight", "content", "identity", "missing", "extra")
RESOLUTIONS = ("agreed", "corrected", "withdrawn", "each_keeps_its_version")
CLAIMS_ABOUT = ("name", "count", "place", "other")
SESSION_STATES = ("held", "postponed", "not_held", "suspended")
ACCOUNTS = ("issued", "filled", "handed_over", "received", "returned_empty", "unreturned")

_FREE = Text()
_PERSONAL = Text(held_back=True)  # its salted commitment may stand for it
_FILLED = Text(filled=True)
_COUNT = Whole()
_PARTIES = ListOf(PARTY)
_SEALS = ListOf(_FILLED)
_LINE = Whole(least=1)
_LINE_OR_NULL = Whole(least=1, or_null=True)
_WEIGHT = Whole(or_null=True)
_WHO = Record({"name": _FILLED, "office": _FREE, "party": PARTY})
_CONDITION = OneOf(SEAL_CONDITIONS)
_SCOPES = ListOf(Record({"kind": _FILLED, "scope": _FREE}))
_TOLD = ListOf(TEXTS.each, least=1)  # a reason, a protest: somebody must say something

_CLAIM = Record({"about": OneOf(CLAIMS_ABOUT, held_back=True), "text": _PERSONAL})
_MANIFEST_LINE = Record(
    {
        "line": _LINE,
        "container": _FILLED,
        "content": OneOf(CONTENTS),
        "bags": _COUNT,
        "seals": _SEALS,
        "weight_g": _WEIGHT,
        "description": _PERSONAL,
        "origin": _PERSONAL,
        "claims": ListOf(_CLAIM),
    }
)
_SEALED_LINE = Record({"line": _LINE, "container": _FILLED, "seals": _SEALS, "weight_g": _WEIGHT})
_HANDED_LINE = Record(
    {
        "line": _LINE,
        "container": _FILLED,
        "seals": _SEALS,
        "seal_condition": _CONDITION,
        "bags": _COUNT,
        "weight_g": _WEIGHT,
    }
)
_RECEIVED_LINE = Record(
    {
        "line": _LINE_OR_NULL,
        "container": _FILLED,
        "outcome": OneOf(RECEIPT_OUTCOMES),
        "seals": _SEALS,
        "seal_condition": _CONDITION,
        "bags": _COUNT,
        "weight_g": _WEIGHT,
        "note": _PERSONAL,
    }
)
_INSPECTED_LINE = Record(
    {
        "line": _LINE_OR_NULL,
        "container": _FILLED,
        "found": OneOf(FOUND),
        "individuals_estimated": Whole(or_null=True),
        "bags": _COUNT,
        "weight_g": _WEIGHT,
        "seal_condition": _CONDITION,
        "note": _PERSONAL,
    }
)
_DIFFERENCE = Record({"line": _LINE_OR_NULL, "field": _FILLED, "declared": _FREE, "paper": _FREE})

BODIES: Mapping[str, Record] = {
    "proposal": Record(
        {
            "what": OneOf(("transfer", "session", "agreement", "list")),
            "from": _PARTIES,
            "to": _PARTIES,
            "through": _PARTIES,
            "date": DATE.or_empty(),
            "place": _FREE,
            "level": _FREE,
            "asks_for": _FREE,
            "answers": DIGEST.or_empty(),
            "terms": TEXTS,
        }
    ),
    "issue": Record(
        {
            "from": PARTY,
            "to": PARTY,
            "containers": ListOf(Record({"container": _FILLED, "kind": _FILLED}), least=1),
            "count": _COUNT,
        }
    ),
    "manifest": Record(
        {
            "version": Whole(least=1),
            "from": PARTY,
            "to": PARTY,
            "through": PARTY.or_empty(),
            "fulfils": ListOf(_FILLED),
            "lines": ListOf(_MANIFEST_LINE, least=1),
            "containers": _COUNT,
            "bags": _COUNT,
            "copies": Whole(least=1),
        }
    ),
    "seal": Record({"manifest": DIGEST, "lines": ListOf(_SEALED_LINE, least=1)}),
    "handover": Record(
        {
            "manifest": DIGEST,
            "lines": ListOf(_HANDED_LINE, least=1),
            "relinquished_by": _WHO,
            "received_by": _WHO,
            "purpose": _FREE,
            "containers": _COUNT,
        }
    ),
    "receipt": Record(
        {"manifest": DIGEST, "lines": ListOf(_RECEIVED_LINE, least=1), "containers": _COUNT, "clean": YesNo()}
    ),
    "reservation": Record(
        {"number": _FILLED, "on": DIGEST, "lines": ListOf(_LINE), "containers": ListOf(_FILLED), "text": _TOLD}
    ),
    "inspection": Record({"mode": OneOf(("jointly", "alone")), "lines": ListOf(_INSPECTED_LINE, least=1)}),
    "discrepancy": Record(
        {
            "number": _FILLED,
            "lines": ListOf(_LINE),
            "containers": ListOf(_FILLED),
            "what": OneOf(DISCREPANCIES),
            "declared": _FREE,
            "found": _FREE,
            "text": TEXTS,
        }
    ),
    "resolution": Record({"resolves": ListOf(_FILLED, least=1), "outcome": OneOf(RESOLUTIONS), "text": TEXTS}),
    "return": Record(
        {
            "from": PARTY,
            "to": PARTY,
            "lines": ListOf(Record({"container": _FILLED, "content": OneOf(CONTENTS), "reason": _FREE}), least=1),
            "onward": YesNo(),
        }
    ),
    "affiliation": Record(
        {
            "lines": ListOf(_LINE),
            "containers": ListOf(_FILLED),
            "items": ListOf(_FILLED),
            "group": _FREE,
            "party": PARTY.or_empty(),
            "basis": TEXTS,
        }
    ),
    "closing": Record({"accounts": Record(dict.fromkeys(ACCOUNTS, _COUNT)), "text": TEXTS}),
    "refusal": Record({"refuses": DIGEST, "reason": _TOLD}),
    "abort": Record({"reason": _TOLD}),
    "void": Record({"voids": DIGEST, "reason": _TOLD}),
    "paper": Record(
        {
            "statement": DIGEST,
            "copy": Whole(least=1),
            "copies": Whole(least=1),
            "signed_by": ListOf(Record({"party": PARTY, "name": _FILLED, "office": _FREE, "signed_on": DATE}), least=1),
            "scan": DIGEST.or_empty(),
            "differences": ListOf(_DIFFERENCE),
        }
    ),
    "session": Record(
        {
            "forum": _FILLED,
            "number": _FREE,
            "tier": _FREE,
            "date": DATE,
            "state": OneOf(SESSION_STATES),
            "absent": _PARTIES,
            "fingerprints": ListOf(Record({"party": PARTY, "fingerprint": FINGERPRINT})),
            "minutes": ListOf(Record({"lang": LANGUAGE, "digest": DIGEST})),
        }
    ),
    "key": Record(
        {
            "act": OneOf(("introduce", "revoke")),
            "party": PARTY,
            "fingerprint": FINGERPRINT,
            "key": BASE64.or_empty(),
            "role": OneOf(("party", "installation")),
            "reason": TEXTS,
            "introduced_in": _FREE,
        }
    ),
    "disclosure": Record(
        {"number": _FILLED, "offers": _SCOPES, "asks": _SCOPES, "until": DATE.or_empty()},
    ),
}

KINDS = tuple(BODIES)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something inside one body that cannot be true; ``code`` is stable, a form has words for it."""

    code: str
    path: str
    value: str
    reason: str
    remedy: str


def contradictions(kind: str, body: Mapping[str, Any]) -> Iterator[Contradiction]:
    """What cannot be true inside a body of the right shape, all of it, in the order of the body."""
    if "lines" in body and kind not in _NUMBERS_ONLY:
        yield from _twice("line", "line-twice", body["lines"])
        yield from _twice("container", "container-twice", body["lines"])
    yield from _RULES.get(kind, _nothing)(body)


def wanted_signers(kind: str, body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Who must be among the signers: (party, role), where role "party" means author or countersigner."""
    return tuple(dict.fromkeys(_WANTED.get(kind, _nobody)(body)))


def _nothing(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    return iter(())


def _nobody(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return iter(())


_NUMBERS_ONLY = ("reservation", "discrepancy", "affiliation")  # their lines are numbers, not rows


def _twice(field: str, code: str, rows: Sequence[Mapping[str, Any]], path: str = "/lines") -> Iterator[Contradiction]:
    seen: dict[Any, int] = {}
    for at, row in enumerate(rows):
        value = row.get(field)
        if value is None:
            continue
        if value in seen:
            reason = f"stands already in entry {seen[value] + 1}."
            yield Contradiction(code, f"{path}/{at}/{field}", str(value), reason, "Let it stand once.")
        else:
            seen[value] = at


def _total(name: str, given: int, counted: int, what: str) -> Iterator[Contradiction]:
    if given != counted:
        yield Contradiction(
            "total-differs", f"/{name}", str(given), f"is not the number of {what}: {counted}.", f"Write {counted}."
        )


def _of_issue(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    yield from _twice("container", "container-twice", body["containers"], "/containers")
    yield from _total("count", body["count"], len(body["containers"]), "containers listed")
    yield from _to_oneself(body)


def _of_manifest(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    lines = body["lines"]
    yield from _total("containers", body["containers"], _distinct(lines), "containers listed")
    yield from _total("bags", body["bags"], sum(line["bags"] for line in lines), "bags in the lines")
    yield from _to_oneself(body)
    if body["through"] and body["through"] in (body["from"], body["to"]):
        yield Contradiction("through-a-side", "/through", body["through"], "is one of the sides.", "Leave it empty.")


def _of_handover(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    yield from _total("containers", body["containers"], _distinct(body["lines"]), "containers in the lines")
    if body["relinquished_by"]["party"] == body["received_by"]["party"]:
        party = body["received_by"]["party"]
        yield Contradiction("to-oneself", "/received_by/party", party, "gives and takes.", "Name the other side.")


def kept(lines: Iterable[Mapping[str, Any]]) -> int:
    """Containers that a receipt leaves with the receiver: all but those not received and those given back at once."""
    return _distinct([line for line in lines if line["outcome"] not in NOT_KEPT])


def is_clean(lines: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a receipt's lines have nothing to reserve: all received, no seal broken or missing."""
    return all(line["outcome"] == "received" and line["seal_condition"] in ("whole", "none") for line in lines)


def _of_receipt(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    yield from _total("containers", body["containers"], kept(body["lines"]), "containers received and kept")
    if body["clean"] and not is_clean(body["lines"]):
        yield Contradiction(
            "not-clean", "/clean", "true", "is not what the lines say: one is not simply received.", "Write false."
        )
    for at, line in enumerate(body["lines"]):
        if (line["line"] is None) != (line["outcome"] == "unlisted_extra"):
            yield Contradiction(
                "extra-and-line",
                f"/lines/{at}/line",
                str(line["line"]),
                "an unlisted extra has no line of the manifest, and every other container has one.",
                "Write null for an unlisted extra, and the manifest's line for all else.",
            )


def _of_paper(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    if body["copy"] > body["copies"]:
        reason = f"there are only {body['copies']} copies."
        yield Contradiction("copy-beyond", "/copy", str(body["copy"]), reason, "Write copy n of N.")
    yield from _twice("party", "party-twice", body["signed_by"], "/signed_by")


def _of_key(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    if body["act"] == "introduce" and not body["key"]:
        yield Contradiction("key-not-given", "/key", "", "a key that is introduced must be given.", "Give its bytes.")
    if body["act"] == "revoke" and not body["reason"]:
        yield Contradiction("no-reason", "/reason", "", "a key is revoked for a reason.", "Say why.")


def _of_session(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    if body["state"] == "not_held" and not body["absent"]:
        yield Contradiction(
            "nobody-absent", "/absent", "", "a session was not held because somebody stayed away.", "Say who."
        )
    yield from _twice("fingerprint", "fingerprint-twice", body["fingerprints"], "/fingerprints")


def _of_disclosure(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    if not body["offers"] and not body["asks"]:
        yield Contradiction("nothing-disclosed", "/offers", "", "nothing is offered and nothing asked.", "Say what.")


def _of_affiliation(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    if not (body["lines"] or body["containers"] or body["items"]):
        yield Contradiction("about-nothing", "/containers", "", "names no remains.", "Name lines, containers or items.")
    if not (body["group"].strip() or body["party"]):
        yield Contradiction("about-nobody", "/group", "", "names neither a group nor a party.", "Name one.")


def _to_oneself(body: Mapping[str, Any]) -> Iterator[Contradiction]:
    if body["from"] == body["to"]:
        yield Contradiction("to-oneself", "/to", body["to"], "gives and takes.", "Name the other side.")


def _distinct(lines: Sequence[Mapping[str, Any]]) -> int:
    return len(Counter(line["container"] for line in lines))


_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Contradiction]]] = {
    "issue": _of_issue,
    "manifest": _of_manifest,
    "handover": _of_handover,
    "receipt": _of_receipt,
    "return": _to_oneself,
    "paper": _of_paper,
    "key": _of_key,
    "session": _of_session,
    "disclosure": _of_disclosure,
    "affiliation": _of_affiliation,
}


def _from_and_to(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield body["from"], "party"
    yield body["to"], "party"


def _manifest_signers(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _from_and_to(body)
    if body["through"]:
        yield body["through"], "witness"


def _handover_signers(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield body["relinquished_by"]["party"], "party"
    yield body["received_by"]["party"], "party"


_WANTED: Mapping[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]] = {
    "issue": _from_and_to,
    "manifest": _manifest_signers,
    "handover": _handover_signers,
    "return": _from_and_to,
    "key": lambda body: iter([(body["party"], "author")]),
}


def needs_two(kind: str, body: Mapping[str, Any]) -> bool:
    """Whether a second party must sign, whoever it is, for the statement to mean anything."""
    return (
        kind in ("proposal", "resolution", "affiliation", "closing", "disclosure")
        or (kind == "inspection" and body["mode"] == "jointly")
        or (kind == "session" and body["state"] == "held")
    )
