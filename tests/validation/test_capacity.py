"""What a scan costs on paper, worked by hand."""

import math

import numpy as np
import pytest

from benchmarks.capacity import Costs, Reached, _at, needs

COSTS = Costs(
    check_family_s=1e-5,
    check_remains_s=1e-6,
    keep_block_s=0.018,
    read_remains_s=1e-6,
    peel_family_s=1e-4,
    sift_pair_s=1e-10,
    keep_pair_s=1e-6,
    collect_pair_s=2e-6,
    family_bytes=80.0,
    remains_bytes=30.0,
    process_bytes=3e8,
    process_remains_bytes=100.0,
    command_name_bytes=90.0,
    block_pair_bytes=10.0,
    sent_pair_bytes=16.0,
    result_pair_bytes=12.0,
)


def test_a_million_by_four_million_on_two_cores_is_what_it_is_by_hand():
    of = needs(COSTS, Reached(true=0.5, found=0.0, false=1e-9), remains=1e6, persons=4_096_000, cores=2, memory=1e9)

    # one part: 1e6 remains of 100 bytes and 300 MB are 400 MB; 1,000 blocks, 500 for each core
    kept = 0.5 * 1e6 + 4.096e12 * 1e-9
    shared = 4_096_000 * 1e-4 + 4.096e12 * 1e-10 + kept * 1e-6 + 2 * 1e6 * 1e-6
    alone = 4_096_000 * 1e-5 + 1e6 * 1e-6 + kept * 2e-6
    assert of.parts == 1
    assert of.process_bytes == pytest.approx(4e8)
    assert of.kept_true + of.kept_false == pytest.approx(504_096)
    assert of.core_hours == pytest.approx((shared + alone) / 3600)
    assert of.hours == pytest.approx((shared / 2 + alone) / 3600)
    assert of.disk_bytes == pytest.approx(4_096_000 * 80 + 1e6 * 30 + 504_096 * 22)
    assert of.network_bytes == pytest.approx(1e6 * 30 + 4_096_000 * 80 + 504_096 * 16)


def test_remains_that_do_not_fit_are_cut_and_each_part_peels_again():
    of = needs(COSTS, Reached(true=0.0, found=0.0, false=0.0), remains=1e8, persons=4096.0, cores=1, memory=2.3e9)

    assert of.parts == 5  # 10 GB in 2 GB each
    assert of.process_bytes == pytest.approx(2.3e9)
    assert of.core_hours == pytest.approx((5 * 4096 * 1.1e-4 + 4.096e11 * 1e-10 + 1e8 * 2e-6) / 3600)


def test_more_cores_than_blocks_do_not_help():
    given = {"remains": 1e6, "persons": 40_960.0, "memory": 4e9}
    nothing = Reached(true=0.0, found=0.0, false=0.0)

    assert needs(COSTS, nothing, cores=10, **given).hours == needs(COSTS, nothing, cores=10_000, **given).hours


def test_false_pairs_are_expected_from_true_ones():
    # two binary outcomes: true pairs show them with 0.9 and 0.1, unrelated ones with 0.09 and 0.91
    log10_lr = np.log10(np.array([0.9 / 0.09] * 9 + [0.1 / 0.91]))
    of = _at(0.5, log10_lr, np.ones(10, dtype=bool), own=10, others=1)

    assert of.true == pytest.approx(0.9)
    assert of.false == pytest.approx(0.09)
    assert math.isclose(of.found, 0.0)
