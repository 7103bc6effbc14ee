"""What a programme can replace: every name that is read is named, with its range."""

from __future__ import annotations

import pytest

from homeward.anthropology.parameters import shipped


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("suchey_brooks", "F.theta1", 2.98787),
        ("mckern_stewart", "M.sd", 0.06715),
        ("stature", "white.M.Fem_01.slope", 0.2525646192235591),
        ("stature", "F.mean", 162.0),
        ("klales", "VA+MA+SPC.intercept", 16.312),
        ("walker_2005", "notch.3", 0.88),
        ("walker_2008", "unverified", 0),
        ("trotter_gleser_1958", "asian.sd", 6.6),
    ],
)
def test_figures_are_named_with_what_is_shipped(method: str, name: str, value: float):
    assert shipped()[method, name].value == value


def test_every_shipped_figure_is_within_its_own_range():
    assert all(one.admits(one.value) for one in shipped().values() if one.value is not None)


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("suchey_brooks", "M.sd", 0.0),
        ("age", "correlation", 1.1),
        ("stature", "white.M.Fem_01.se", -1.0),
        ("walker_2005", "notch.3", 1.2),
        ("trotter_gleser_1958", "white.sd", 4.0),
    ],
)
def test_what_cannot_be_is_not_admitted(method: str, name: str, value: float):
    assert not shipped()[method, name].admits(value)
