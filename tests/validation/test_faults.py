"""A ledger under fault injection, at a small size; the full size is `make validate`."""

import os

import pytest

from validation.faults.crashing import MODES, Crasher, compiler
from validation.faults.ledger import (
    ENVIRONMENT,
    PRELOADED,
    SCENES,
    every_change,
    record_scene,
    try_at_random_times,
    try_scene,
    turning_points,
)

if compiler() is None:
    assert os.environ.get("CI") != "true", "no C compiler: what a crash leaves behind cannot be tested"
    pytest.skip(
        "*** NO C COMPILER: WHAT A CRASH LEAVES BEHIND IS NOT TESTED (make system installs one) ***",
        allow_module_level=True,
    )


@pytest.fixture(scope="module")
def crasher():
    with Crasher(PRELOADED, ENVIRONMENT) as made:
        yield made


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_nothing_acknowledged_is_lost_and_nothing_half_done(crasher, scene):
    found = try_scene(scene, crasher, modes=MODES, points=turning_points)
    assert not found.broken, found.broken[0]
    assert set(found.deaths) == set(MODES)
    assert all(found.deaths.values())


def test_nothing_is_lost_at_random_times(crasher):
    found = try_at_random_times(record_scene(3), crasher, times_s=[0.002, 0.01, 0.02, 0.03, 0.05])
    assert not found.broken, found.broken[0]


def test_a_ledger_that_did_not_wait_for_the_disk_would_be_found_out(crasher):
    careless = record_scene(2, call="validation.faults.ledger:careless")
    power = try_scene(careless, crasher, modes=["power"], points=lambda run: every_change(run)[-6:])
    assert any("acknowledged and lost" in words for words in power.broken)
    killed = try_scene(careless, crasher, modes=["kill"], points=turning_points)
    assert not killed.broken  # the page cache outlives the process: only the power takes it
