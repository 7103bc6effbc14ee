"""A forum of Arvad and Belmar with the Observer in the chair, at general and at working level."""

from __future__ import annotations

import pytest

from casework.agreements import actions
from casework.agreements.actions import Words


@pytest.fixture
def ours(admit, arvad):
    """Arvad's negotiator."""
    return admit(arvad, "negotiator")


@pytest.fixture
def theirs(admit, belmar):
    """Belmar's negotiator."""
    return admit(belmar, "negotiator")


@pytest.fixture
def forum(ours, arvad, belmar, observer):
    return actions.open_forum(
        by=ours, code="gomt", name="General talks", name_ko="장성급 회담", sides=[arvad, belmar], chair=observer,
        tiers=[("general", "general level", "장성급"), ("working", "working level", "실무급")],
    )  # fmt: skip


@pytest.fixture
def general(forum):
    return forum.tiers.get(code="general")


@pytest.fixture
def working(forum):
    return forum.tiers.get(code="working")


@pytest.fixture
def proposal(ours, forum, working):
    """Arvad proposes to meet on 12 July 2018 at working level."""
    return actions.propose(
        by=ours, forum=forum, for_day="2018-07-12", tier=working, place="Panmun", made_on="2018-07-10",
        asks_for="a colonel", zone="Asia/Seoul",
    )  # fmt: skip


@pytest.fixture
def confirmed(theirs, proposal):
    return actions.answer_proposal(by=theirs, proposal=proposal, accepts=True, answered_on="2018-07-11").session


@pytest.fixture
def summit(ours, arvad, belmar):
    return actions.enter_agreement(
        by=ours, code="summit", name="Statement of the summit", kind="summit", parties=[arvad, belmar],
        dated="2018-06-12",
    )  # fmt: skip


@pytest.fixture
def promise(ours, belmar, summit):
    """Belmar has bound itself to hand over what it has collected, in cases."""
    return actions.enter_commitment(
        by=ours, code="remains", name="Remains already collected are handed over", obligors=[belmar], agreement=summit,
        measure="cases returned full", unit="cases", target=55, due="2018-07-27",
        texts=[Words(language="en", text="including the immediate repatriation of those already identified")],
    )  # fmt: skip
