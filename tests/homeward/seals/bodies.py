"""One true body of each kind, for tests; small enough to be read."""

from __future__ import annotations

from typing import Any

DIGEST = "sha256:" + "ab" * 32
TEXT = [{"lang": "en", "text": "As agreed."}, {"lang": "ko", "text": "합의한 대로."}]
WHO_ARVAD = {"name": "M. Oresk", "office": "Accounting Office", "party": "arvad"}
WHO_BELMAR = {"name": "J. Tall", "office": "Repatriation Group", "party": "belmar"}


def manifest_line(line: int, container: str, **changed: Any) -> dict[str, Any]:
    return {
        "line": line,
        "container": container,
        "content": "remains",
        "bags": 2,
        "seals": [f"BL {77100 + line}"],
        "weight_g": 6400,
        "description": "",
        "origin": "",
        "claims": [{"about": "name", "text": {"commitment": DIGEST}}],
        **changed,
    }


def handed_line(line: int, container: str, **changed: Any) -> dict[str, Any]:
    told = {"seals": [f"BL {77100 + line}"], "seal_condition": "whole", "bags": 2, "weight_g": 6400}
    return {"line": line, "container": container, **told, **changed}


def received_line(line: int | None, container: str, **changed: Any) -> dict[str, Any]:
    told = {"outcome": "received", "seal_condition": "whole", "bags": 2, "weight_g": 6400, "note": ""}
    seals = [f"BL {77100 + line}"] if line else []
    return {"line": line, "container": container, "seals": seals, **told, **changed}


def inspected_line(line: int | None, container: str, **changed: Any) -> dict[str, Any]:
    told = {"found": "remains", "individuals_estimated": 1, "bags": 2, "weight_g": 6400, "seal_condition": "whole"}
    return {"line": line, "container": container, **told, "note": "", **changed}


BODIES: dict[str, dict[str, Any]] = {
    "proposal": {
        "what": "transfer",
        "from": ["belmar"],
        "to": ["arvad"],
        "through": [],
        "date": "2018-07-27",
        "place": "Halfway House",
        "level": "general",
        "asks_for": "",
        "answers": "",
        "terms": TEXT,
    },
    "issue": {
        "from": "arvad",
        "to": "belmar",
        "containers": [{"container": "C-001", "kind": "case"}, {"container": "C-002", "kind": "case"}],
        "count": 2,
    },
    "manifest": {
        "version": 1,
        "from": "belmar",
        "to": "arvad",
        "through": "",
        "fulfils": ["JS-4"],
        "lines": [manifest_line(1, "C-001"), manifest_line(2, "C-002", weight_g=None, seals=[])],
        "containers": 2,
        "bags": 4,
        "copies": 3,
    },
    "seal": {
        "manifest": DIGEST,
        "lines": [{"line": 1, "container": "C-001", "seals": ["BL 77101"], "weight_g": 6400}],
    },
    "handover": {
        "manifest": DIGEST,
        "lines": [handed_line(1, "C-001"), handed_line(2, "C-002")],
        "relinquished_by": WHO_BELMAR,
        "received_by": WHO_ARVAD,
        "purpose": "repatriation",
        "containers": 2,
    },
    "receipt": {
        "manifest": DIGEST,
        "lines": [received_line(1, "C-001"), received_line(2, "C-002")],
        "containers": 2,
        "clean": True,
    },
    "reservation": {"number": "R-1", "on": DIGEST, "lines": [1], "containers": ["C-001"], "text": TEXT},
    "inspection": {"mode": "jointly", "lines": [inspected_line(1, "C-001")]},
    "discrepancy": {
        "number": "D-1",
        "lines": [1],
        "containers": ["C-001"],
        "what": "seal",
        "declared": "whole",
        "found": "broken",
        "text": TEXT,
    },
    "resolution": {"resolves": ["D-1"], "outcome": "each_keeps_its_version", "text": TEXT},
    "return": {
        "from": "belmar",
        "to": "arvad",
        "lines": [{"container": "C-003", "content": "empty", "reason": ""}],
        "onward": False,
    },
    "affiliation": {"lines": [1], "containers": ["C-001"], "items": [], "group": "Corland", "party": "", "basis": TEXT},
    "closing": {
        "accounts": {
            "issued": 2,
            "filled": 2,
            "handed_over": 2,
            "received": 2,
            "returned_empty": 0,
            "unreturned": 0,
        },
        "text": TEXT,
    },
    "refusal": {"refuses": DIGEST, "reason": TEXT},
    "abort": {"reason": TEXT},
    "void": {"voids": DIGEST, "reason": TEXT},
    "paper": {
        "statement": DIGEST,
        "copy": 1,
        "copies": 3,
        "signed_by": [{"party": "belmar", "name": "J. Tall", "office": "", "signed_on": "2018-07-27"}],
        "scan": "",
        "differences": [{"line": 1, "field": "weight_g", "declared": "6400", "paper": "6380"}],
    },
    "session": {
        "forum": "Armistice Commission",
        "number": "7",
        "tier": "general",
        "date": "2018-07-15",
        "state": "held",
        "absent": [],
        "fingerprints": [{"party": "arvad", "fingerprint": "0a" * 32}, {"party": "belmar", "fingerprint": "0b" * 32}],
        "minutes": [{"lang": "en", "digest": DIGEST}],
    },
    "key": {
        "act": "introduce",
        "party": "arvad",
        "fingerprint": "0a" * 32,
        "key": "A" * 43 + "=",
        "role": "party",
        "reason": [],
        "introduced_in": "session:7",
    },
    "disclosure": {
        "number": "M-1",
        "offers": [{"kind": "list", "scope": "1950"}],
        "asks": [{"kind": "sites", "scope": ""}],
        "until": "2018-12-31",
    },
}
AUTHORS = {"manifest": "belmar", "seal": "belmar", "return": "belmar", "handover": "belmar"}
