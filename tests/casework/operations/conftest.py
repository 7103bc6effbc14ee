from __future__ import annotations

import pytest

from casework.operations import actions
from tests.casework.searching import search_records


@pytest.fixture
def searched(entered, arvad):
    """Arvad holds the small programme, and what is known of the search."""
    actions.enter(holder=arvad, rows=search_records())


@pytest.fixture
def lead(admit, arvad):
    return admit(arvad, "field_lead")


@pytest.fixture
def negotiator(admit, arvad):
    return admit(arvad, "negotiator")
