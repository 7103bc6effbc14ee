"""A manifest between Arvad and Belmar through the Observer, and both sides' keys."""

from __future__ import annotations

import pytest


@pytest.fixture
def cast(arvad, belmar, observer, admit):
    """Whoever signs for each party."""
    return {
        "arvad": admit(arvad, "negotiator", "custodian", username="arvad.n"),
        "belmar": admit(belmar, "negotiator", "custodian", username="belmar.n"),
        "observer": admit(observer, "observer", username="observer.o"),
    }


@pytest.fixture
def keys(cast, keyed, arvad, belmar, observer):
    return {party.code: keyed(party) for party in (arvad, belmar, observer)}


@pytest.fixture
def propose(cast, arvad, belmar):
    """``propose()``: a proposal by Arvad that Belmar countersigns."""
    from casework.seals.actions import prepare

    def prepared(**changes):
        body = {
            "what": "transfer",
            "from": ["belmar"],
            "to": ["arvad"],
            "through": ["observer"],
            "date": "2018-07-27",
            "place": "Panmun",
            "level": "working level",
            "asks_for": "",
            "answers": "",
            "terms": [{"lang": "en", "text": "Fifty-five cases."}, {"lang": "ko", "text": "관 쉰다섯 개."}],
            **changes,
        }
        return prepare(
            by=cast["arvad"],
            kind="proposal",
            subject="transfer:T-2018-01",
            body=body,
            signers=[(arvad, "author"), (belmar, "countersigner")],
            place="Panmun",
            zone="Asia/Seoul",
        )

    return prepared
