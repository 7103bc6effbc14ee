"""How many pairs a second the sieves of a scan sift, quantising the block included, and a block end to end.

``extra_info`` has the machine's own limit, measured in the same run, and the share of it that was reached: at
least 0.3 is wanted of the plain sieve, 0.8 of the one with vector instructions.
"""

from __future__ import annotations

import pytest

from benchmarks.scanning import MARKERS, read_rate, sieve
from homeward import scan
from homeward.scan import _compiled
from validation.nation import write_nation

REMAINS = {"small": 2_000, "large": 1_000_000}
KINDS = ["narrow", *(["wide"] if _compiled.wide_width() else [])]


@pytest.mark.parametrize("size", REMAINS)
@pytest.mark.parametrize("kind", KINDS)
def test_sieve(benchmark, kind, size):
    if benchmark.disabled and size != "small":
        pytest.skip("the larger sizes are for measuring only: make bench")
    once = sieve(kind, REMAINS[size])
    before = read_rate()
    candidates = benchmark.pedantic(once, rounds=5, iterations=1, warmup_rounds=1)
    rate = max(before, read_rate())
    assert candidates < REMAINS[size] * _compiled.SLOTS / 10
    benchmark.extra_info["pairs"] = REMAINS[size] * _compiled.SLOTS
    benchmark.extra_info["l2_bytes_per_second"] = rate
    if not benchmark.disabled:
        pairs = benchmark.extra_info["pairs"] / benchmark.stats.stats.min
        benchmark.extra_info["ratio"] = pairs * MARKERS / rate


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_block_from_file_to_pairs(benchmark, size, tmp_path):
    if benchmark.disabled and size != "small":
        pytest.skip("the larger sizes are for measuring only: make bench")
    families, remains = (300, 500) if size == "small" else (8_192, 100_000)
    write_nation(tmp_path / "set", families=families, remains=remains, seed=1)
    plan = scan.plan(tmp_path / "set", threshold=5.0)
    scan.run_block(plan, plan.blocks[0])
    found = benchmark.pedantic(scan.run_block, args=(plan, plan.blocks[0]), rounds=3, iterations=1)
    benchmark.extra_info["slots"] = plan.blocks[0].slots[1]
    benchmark.extra_info["pairs"] = found.compared
    assert len(found.pairs) > 0
