"""The application under fault injection, at a small size; the full size is `make validate`."""

import os
from dataclasses import replace

import pytest

from validation.faults.application import ALL, PRELOADED, laid_out, try_act
from validation.faults.crashing import Crasher, compiler
from validation.faults.ledger import turning_points

if compiler() is None:
    assert os.environ.get("CI") != "true", "no C compiler: what a crash leaves behind cannot be tested"
    pytest.skip(
        "*** NO C COMPILER: WHAT A CRASH LEAVES BEHIND IS NOT TESTED (make system installs one) ***",
        allow_module_level=True,
    )

ACTS = {act.name: act for act in ALL}


@pytest.fixture(scope="module")
def crasher():
    with Crasher(PRELOADED) as made:
        yield made


@pytest.fixture(scope="module")
def installation(crasher, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    laid_out(crasher, folder)
    return folder


def few(undisturbed):
    """At the changes that matter most: the last, where commits are, and some before."""
    points = turning_points(undisturbed)
    return sorted({*points[-8:], *points[:: max(1, len(points) // 6)]})


@pytest.mark.parametrize("name", ACTS)
def test_nothing_acknowledged_is_lost_and_nothing_half_done(name, crasher, installation):
    found = try_act(ACTS[name], crasher, installation, modes=["kill", "power"], points=few)

    assert not found.broken, found.broken[0]
    assert all(found.deaths.values())


def test_nothing_is_lost_at_random_times(crasher, installation):
    found = try_act(ACTS["sign"], crasher, installation, times_s=[0.005, 0.02, 0.04, 0.06])

    assert not found.broken, found.broken[0]


@pytest.mark.parametrize(
    ("call", "word"), [("careless_sign_act", "told signed, and not there"), ("half_sign_act", "stands in 0 logs")]
)
def test_an_application_that_did_it_carelessly_would_be_found_out(call, word, crasher, installation):
    careless = replace(ACTS["sign"], call=call)

    found = try_act(careless, crasher, installation, modes=["power"], points=lambda run: [len(run.changes)])

    assert any(word in words for words in found.broken), found.broken
