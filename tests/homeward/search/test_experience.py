"""What digging has found elsewhere, and plans that predict more."""

import pytest

from homeward.errors import Nonsense
from homeward.search.experience import base_rates, beyond_experience, share_predicted


def test_published_intervals_are_reproduced():
    """Jeffreys intervals of the Cyprus counts, as computed beside the sources."""
    ends = {(one.programme, one.years): tuple(round(end, 3) for end in one.interval) for one in base_rates()}
    assert ends["Cyprus", "2006-2016"] == (0.253, 0.306)
    assert ends["Cyprus", "2020"] == (0.013, 0.118)
    assert ends["Cyprus", "2021"] == (0.017, 0.116)
    assert ends["Cyprus", "2022"] == (0.073, 0.244)
    assert ends["Cyprus", "2024"] == (0.019, 0.104)


def test_every_count_has_a_source_and_fewer_finds_than_sites():
    assert all(one.source and 0 < one.with_remains < one.sites for one in base_rates())
    assert max(one.share for one in base_rates()) < 0.4


def test_a_plan_that_predicts_more_than_anyone_found_is_told_of():
    assert share_predicted([0.1, 0.3]) == pytest.approx(0.2)
    assert share_predicted([]) is None
    assert not beyond_experience([0.1, 0.6])
    assert beyond_experience([0.5, 0.6])
    assert not beyond_experience([])
    with pytest.raises(Nonsense, match="between 0 and 1"):
        share_predicted([1.2])
