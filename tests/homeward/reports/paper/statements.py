"""Statements of an invented transfer between Arvad and Belmar through the Observer."""

from datetime import UTC, datetime

from homeward.seals.statement import Signer, make_statement

ARVAD = {"name": "D. Karsk", "office": "custodian", "party": "arvad"}
BELMAR = {"name": "Y. Amset", "office": "transport officer", "party": "belmar"}
NAMES = {
    "arvad": {"en": "Arvad", "ko": "아르바드"},
    "belmar": {"en": "Belmar", "ko": "벨마르"},
    "observer": {"en": "The Observer", "ko": "참관인"},
}
WHEN = datetime(2018, 7, 27, 1, 40, tzinfo=UTC)
DIGEST = "sha256:" + "91c407de" * 8


def statement(kind, body, *, author=BELMAR, others=("arvad",), witness="observer", **fields):
    signers = [Signer(author["party"], "a" * 64, "author")]
    signers += [Signer(party, "", "countersigner") for party in others]
    signers += [Signer(witness, "", "witness")] if witness else []
    made = {
        "programme": "Return of the fallen of the Tol campaign",
        "subject": "transfer:T-2018-01",
        "zone": "Asia/Seoul",
        "place": "Tol crossing 톨 교차점",
        "made_at": WHEN,
        **fields,
    }
    return make_statement(kind=kind, author=author, signers=signers, body=body, **made)


def line(number, **fields):
    return {
        "line": number,
        "container": f"C-{410 + number:04d}",
        "content": "remains",
        "bags": 1,
        "seals": [f"BL {77101 + number}"],
        "weight_g": 5000 + 137 * number,
        "description": "camp 2 cemetery, north slope",
        "origin": "",
        "claims": [],
        **fields,
    }


def manifest(lines=None, subject="transfer:T-2018-01", made_at=WHEN, **fields):
    lines = [line(number) for number in range(1, 16)] if lines is None else lines
    body = {
        "version": 3,
        "from": "belmar",
        "to": "arvad",
        "through": "observer",
        "fulfils": ["C-2018-06-12/4"],
        "lines": lines,
        "containers": len(lines),
        "bags": sum(one["bags"] for one in lines),
        "copies": 3,
    }
    return statement("manifest", {**body, **fields}, subject=subject, made_at=made_at)


def handover(**fields):
    lines = [
        {
            "line": number,
            "container": f"C-{410 + number:04d}",
            "seals": [f"BL {77101 + number}"],
            "seal_condition": "broken" if number == 8 else "whole",
            "bags": 1,
            "weight_g": 5000 + number * 137,
        }
        for number in range(1, 16)
    ]
    body = {"manifest": DIGEST, "lines": lines, "relinquished_by": BELMAR, "received_by": ARVAD}
    return statement("handover", {**body, "purpose": "Return of remains", "containers": 15}, **fields)


def receipt():
    lines = [
        {
            "line": number,
            "container": f"C-{410 + number:04d}",
            "outcome": "received",
            "seals": [f"BL {77101 + number}"],
            "seal_condition": "broken" if number == 8 else "whole",
            "bags": 1,
            "weight_g": 5000 + number * 137,
            "note": "",
        }
        for number in range(1, 12)
    ]
    short = {"line": 12, "container": "C-0422", "outcome": "not_received", "seals": [], "seal_condition": "none"}
    extra = {"line": None, "container": "C-0999", "outcome": "unlisted_extra", "seals": ["BL 1"]}
    lines += [
        {**short, "bags": 0, "weight_g": None, "note": ""},
        {
            **extra,
            "seal_condition": "whole",
            "bags": 1,
            "weight_g": 1200,
            "note": "stood behind C-0413; 묶음 표지 없음",
        },
    ]
    body = {"manifest": DIGEST, "lines": lines, "containers": 12, "clean": False}
    return statement("receipt", body, author=ARVAD, others=())


RESERVED = [
    {"lang": "en", "text": "Case C-0422 was not among the cases set down at the crossing."},
    {"lang": "ko", "text": "상자 C-0422는 교차점에 내려놓은 상자 가운데 없었습니다."},
    {"lang": "fr", "text": "La caisse manquait."},
]


def reservation(text=None):
    body = {"number": "R-1", "on": DIGEST, "lines": [12], "containers": ["C-0422"], "text": text or RESERVED}
    return statement("reservation", body, author=ARVAD, others=())


SAID = [{"lang": "en", "text": "~said"}, {"lang": "ko", "text": "~말함"}]


def _every_kind():
    """One of each kind; free texts begin with a tilde, so that they can be looked for on the paper."""
    bodies = {
        "proposal": {
            "what": "session",
            "from": ["belmar"],
            "to": ["arvad"],
            "through": ["observer"],
            "date": "2018-07-15",
            "place": "~Panmunjom 판문점",
            "level": "~general",
            "asks_for": "~a two-star general",
            "answers": "",
            "terms": SAID,
        },
        "issue": {
            "from": "belmar",
            "to": "arvad",
            "containers": [{"container": f"~C-{n}", "kind": "case"} for n in (1, 2)],
            "count": 2,
        },
        "seal": {
            "manifest": DIGEST,
            "lines": [{"line": 1, "container": "~C-1", "seals": ["~BL 1"], "weight_g": None}],
        },
        "inspection": {
            "mode": "jointly",
            "lines": [
                {
                    "line": 1,
                    "container": "~C-1",
                    "found": "mixed",
                    "individuals_estimated": 2,
                    "bags": 1,
                    "weight_g": 5100,
                    "seal_condition": "whole",
                    "note": "~two left femora",
                }
            ],
        },
        "discrepancy": {
            "number": "~D-1",
            "lines": [6, 12],
            "containers": ["~C-0416"],
            "what": "count",
            "declared": "~2 bags",
            "found": "~3 bags",
            "text": SAID,
        },
        "resolution": {"resolves": ["~D-1", "~R-1"], "outcome": "each_keeps_its_version", "text": SAID},
        "return": {
            "from": "belmar",
            "to": "arvad",
            "lines": [{"container": "~C-1", "content": "empty", "reason": "~never filled"}],
            "onward": False,
        },
        "affiliation": {
            "lines": [1, 2],
            "containers": ["~C-1", "~C-2"],
            "items": ["~I-1"],
            "group": "~third nation",
            "party": "",
            "basis": SAID,
        },
        "closing": {
            "accounts": {
                "issued": 100,
                "filled": 55,
                "handed_over": 55,
                "received": 54,
                "returned_empty": 40,
                "unreturned": 5,
            },
            "text": SAID,
        },
        "refusal": {"refuses": DIGEST, "reason": SAID},
        "abort": {"reason": SAID},
        "void": {"voids": DIGEST, "reason": SAID},
        "paper": {
            "statement": DIGEST,
            "copy": 1,
            "copies": 3,
            "signed_by": [{"party": "arvad", "name": "~D. Karsk", "office": "~custodian", "signed_on": "2018-07-27"}],
            "scan": "",
            "differences": [{"line": 6, "field": "bags", "declared": "~2", "paper": "~3"}],
        },
        "session": {
            "forum": "~Military armistice talks",
            "number": "~G-12",
            "tier": "~general",
            "date": "2018-07-15",
            "state": "held",
            "absent": [],
            "fingerprints": [
                {"party": "arvad", "fingerprint": "ab12" * 16},
                {"party": "belmar", "fingerprint": "cd34" * 16},
            ],
            "minutes": [{"lang": "en", "digest": DIGEST}],
        },
        "key": {
            "act": "revoke",
            "party": "belmar",
            "fingerprint": "cd34" * 16,
            "key": "",
            "role": "party",
            "reason": SAID,
            "introduced_in": "~session:G-11",
        },
        "disclosure": {
            "number": "~DR-1",
            "offers": [{"kind": "~list", "scope": "~the missing of 1951"}],
            "asks": [{"kind": "~list", "scope": "~prisoners"}],
            "until": "2018-12-31",
        },
    }
    made = {kind: statement(kind, body) for kind, body in bodies.items()}
    return {**made, "manifest": manifest(), "handover": handover(), "receipt": receipt(), "reservation": reservation()}


EVERY_KIND = _every_kind()
