"""The fewest cells that hold a share: by hand, by law, and even depths of what is drawn from the map itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from homeward.errors import Nonsense
from homeward.search.credible import depth, region

MASSES = arrays.arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1, allow_subnormal=False)).filter(
    lambda mass: mass.sum() > 1e-6
)


@given(MASSES, st.floats(0.01, 1))
def test_a_region_holds_its_share_and_is_the_smallest(mass, share):
    inside = region(mass, share)
    whole = mass.sum()
    assert mass[inside].sum() >= share * whole * (1 - 1e-9)
    fewer = np.sort(mass)[::-1][: inside.sum() - 1].sum()
    assert fewer < share * whole
    assert mass[inside].min(initial=1) >= mass[~inside].max(initial=0)


@given(MASSES, st.floats(0.01, 0.9))
def test_regions_grow_with_their_share(mass, share):
    assert np.all(region(mass, share) <= region(mass, share + 0.1))


def test_of_what_is_drawn_from_a_map_depths_are_even():
    rng = np.random.default_rng(3)
    mass = rng.gamma(0.5, 1.0, 200)
    drawn = rng.choice(200, size=4000, p=mass / mass.sum())
    ends = np.array([depth(mass, int(cell)) for cell in drawn])
    at = ends[:, 0] + rng.random(4000) * (ends[:, 1] - ends[:, 0])
    for share in (0.5, 0.8, 0.95):
        assert np.mean(at <= share) == pytest.approx(share, abs=3 * (share * (1 - share) / 4000) ** 0.5)


def test_where_nothing_is_believed_there_is_no_region():
    assert not region(np.zeros(3), 0.5).any()
    assert depth(np.zeros(3), 1) == (0.0, 1.0)


@pytest.mark.parametrize("share", [0.0, 1.1, float("nan")])
def test_no_share_is_refused(share):
    with pytest.raises(Nonsense, match="no share"):
        region(np.ones(2), share)
