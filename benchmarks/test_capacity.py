"""The smallest size of what ``python -m benchmarks.capacity`` measures, so that it does not rot."""

from __future__ import annotations

import sys

import pytest

from benchmarks.capacity import COLUMNS, MACHINES, SIZES, THRESHOLDS, measure, table, table_of_thresholds


@pytest.mark.skipif(sys.platform != "linux", reason="*** PEAK MEMORY IS READ FROM /proc: CAPACITY IS NOT TESTED ***")
def test_what_a_small_scan_costs_gives_the_whole_table(tmp_path):
    costs, reached = measure(tmp_path, families=300, fewer=50, more=400)

    rows = list(table(costs, reached))
    assert len(rows) == 2 + len(SIZES) * len(MACHINES)
    assert all(row.count("|") == len(COLUMNS) + 1 for row in rows)
    assert len(list(table_of_thresholds(reached))) == 2 + len(THRESHOLDS)
    assert min(costs.family_bytes, costs.remains_bytes, costs.sent_pair_bytes, costs.process_bytes) > 0
    assert 0 < reached[4].true < reached[2].true < 1
    assert 0 < reached[2].false < 0.01
