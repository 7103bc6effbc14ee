"""Arvad's store and whoever keeps it."""

from __future__ import annotations

import pytest


@pytest.fixture
def keeper(admit, arvad):
    return admit(arvad, "custodian")


@pytest.fixture
def cases(keeper):
    """``cases("C-001 to C-003")``: empty cases of Arvad's in its depot."""
    from casework.custody import actions
    from casework.custody.numbers import listed

    def entered(numbers: str = "C-001", **values):
        values = {"store": "Tol depot", "place": "A1", **values}
        return actions.enter_containers(by=keeper, numbers=listed(numbers), **values)

    return entered


@pytest.fixture
def remains(keeper):
    """``remains("2022-109-I-01")``: an item of Arvad's."""
    from casework.custody import actions

    def entered(number: str = "2022-109-I-01", kind: str = "remains", **values):
        return actions.enter_item(by=keeper, number=number, kind=kind, **values)

    return entered
