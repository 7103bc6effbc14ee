"""A scan gives what comparing all pairs gives, however it is cut, stopped, killed and resumed."""

import math
import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest

from homeward import scan
from homeward.errors import Cancelled, Nonsense, WouldOverwrite
from homeward.formats.scanfiles import write_set
from homeward.programme import Marker
from homeward.scan import _compiled
from homeward.scan.running import block_file
from tests.homeward.scan.programmes import expected, programme, results, with_every_sex
from validation.nation import write_nation

THRESHOLD = -1.0
SIEVES = ["plain", "narrow", *(["wide"] if _compiled.wide_width() else [])]


def scanned(path, out, *, threshold=THRESHOLD, workers=1, format="parquet", **asked):
    plan = scan.plan(path, threshold=threshold, **asked)
    scan.run(plan, out, scan.begin(plan, out), workers=workers)
    return scan.collect(plan, out, format=format)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "small"
    write_set(programme(), path)
    return path


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    path = tmp_path_factory.mktemp("nation") / "set"
    return path, write_nation(path, families=600, remains=300, seed=3)


@pytest.mark.parametrize("sieve", SIEVES)
def test_every_pair_that_reaches_the_threshold_is_found_with_its_very_digits(small, tmp_path, sieve):
    summary = scanned(small, tmp_path / "out", sieve=sieve)

    assert results(tmp_path / "out") == expected(programme(), THRESHOLD)
    assert summary["results"] == len(results(tmp_path / "out")) > 100
    assert summary["uninformed"] == 4  # nobody of the family typed, or only an in-law, in each population
    assert [marker for _, marker in summary["set_aside"]] == ["M0", "M0"]


GENERAL = {
    "untyped ancestors pruned": ({"untyped_ancestors": "prune"}, ()),
    "theta": ({"theta": 0.03}, ()),
    "linked markers": ({}, (Marker(marker="M1", linked_to="M3", rho=0.1),)),
    "a marker on X": ({}, (Marker(marker="M2", chromosome="X"),)),
}


@pytest.mark.parametrize("name", GENERAL)
def test_what_needs_the_general_way_is_scored_as_it_scores(tmp_path, name):
    settings, markers = GENERAL[name]
    asked = with_every_sex(replace(programme(remains=5, **settings), markers=markers))
    write_set(asked, tmp_path / "set")

    scanned(tmp_path / "set", tmp_path / "out")

    assert len(results(tmp_path / "out")) > 10
    assert results(tmp_path / "out") == expected(asked, THRESHOLD)


def test_silent_alleles_and_samples_with_errors_of_their_own_give_what_the_general_way_gives(tmp_path):
    of = programme(remains=12)
    lossy = {"R03 s", "R07 s", "sib 2 a 0"}
    samples = tuple(replace(one, dropout=0.1, dropin=0.01) if one.sample_id in lossy else one for one in of.samples)
    markers = (Marker(marker="M1", silent_frequency=0.05), Marker(marker="M4", silent_frequency=0.01))
    asked = replace(of, samples=samples, markers=markers)
    write_set(asked, tmp_path / "set")

    scanned(tmp_path / "set", tmp_path / "out")

    assert results(tmp_path / "out") == expected(asked, THRESHOLD)
    assert results(tmp_path / "out") != expected(of, THRESHOLD)


def test_errors_stated_for_all_samples_give_what_the_general_way_gives(tmp_path):
    asked = programme(remains=6, dropout=0.05, dropin=0.01, typing_error=0.002)
    write_set(asked, tmp_path / "set")

    scanned(tmp_path / "set", tmp_path / "out")

    assert results(tmp_path / "out") == expected(asked, THRESHOLD)


def test_the_digest_of_the_results_depends_on_no_block_sieve_or_format(small, tmp_path):
    whole = scanned(small, tmp_path / "whole")["digest"]

    assert scanned(small, tmp_path / "blocks", block=3, sieve="plain")["digest"] == whole
    assert scanned(small, tmp_path / "narrow", block=7, sieve="narrow", format="csv")["digest"] == whole


def test_several_processes_give_what_one_gives(nation, tmp_path):
    path, truth = nation
    one = scanned(path, tmp_path / "one", threshold=3.0)
    two = scanned(path, tmp_path / "two", threshold=3.0, block=50, workers=2)

    assert two["digest"] == one["digest"]
    assert {(f"R{r:08d}", f"P{s:08d}") for r, s in enumerate(truth.tolist()) if s >= 0} & {
        pair[:2] for pair in results(tmp_path / "one")
    }


@pytest.mark.parametrize("sieve", SIEVES)
@pytest.mark.parametrize("block", [4096, 5])
def test_the_best_of_each_remains_are_the_best_of_all_pairs(small, tmp_path, sieve, block):
    scanned(small, tmp_path / "out", best=3, sieve=sieve, block=block)

    every = expected(programme(), THRESHOLD)
    order = {person: number for number, person in enumerate(dict.fromkeys(pair[1] for pair in every))}
    best = []
    for remains in sorted({pair[0] for pair in every}):
        of_remains = [pair for pair in every if pair[0] == remains]
        best += sorted(of_remains, key=lambda pair: (-pair[2], order[pair[1]]))[:3]
    assert results(tmp_path / "out") == best


def test_the_sex_of_remains_is_one_more_row(small, tmp_path):
    scanned(small, tmp_path / "with", sex=True, threshold=-30.0)
    scanned(small, tmp_path / "without", threshold=-30.0)

    without = {pair[:2]: pair[2] for pair in results(tmp_path / "without")}
    sexes = {member.person_id: member.sex for family in programme().pedigrees for member in family.missing}
    men = [sex.value for sex in sexes.values()].count("M") / len(sexes)
    expected_share = men * 0.99 + (1 - men) * 0.01
    man = math.log10(0.99 / expected_share), math.log10(0.01 / expected_share)  # sex_error is 0.01
    compared = [
        (pair, man[sexes[pair[1]] != "M"])
        for pair in results(tmp_path / "with")
        if pair[:2] in without and pair[0] in ("R00", "R03", "R06")  # men, as stated
    ]
    assert len(compared) > 50
    for (remains, person, log10_lr), of_sex in compared:
        assert log10_lr == pytest.approx(without[remains, person] + of_sex, abs=1e-12)


def test_a_plan_and_a_block_can_be_sent_elsewhere_and_run_again(small):
    plan = scan.plan(small, threshold=THRESHOLD, block=5)
    sent, block = pickle.loads(pickle.dumps((plan, plan.blocks[1])))

    one, again = scan.run_block(plan, plan.blocks[1]), scan.run_block(sent, block)

    assert (one.pairs.log10_lr == again.pairs.log10_lr).all()
    assert one.account() == again.account()


def test_floors_of_other_blocks_spare_pairs_and_change_no_best(small):
    plan = scan.plan(small, threshold=THRESHOLD, best=1, block=5)
    alone = scan.run_block(plan, plan.blocks[2])
    floors = np.full(plan.remains, 0.5)

    spared = scan.run_block(plan, plan.blocks[2], floors=floors)

    kept = alone.pairs[alone.pairs.log10_lr >= 0.5]
    assert 0 < len(kept) < len(alone.pairs)
    assert (spared.pairs.log10_lr == kept.log10_lr).all()


def test_the_size_of_the_answer_is_told_before(small):
    plan = scan.plan(small, threshold=2.0)

    assert plan.pairs == plan.remains * plan.slots == 24 * 32
    assert plan.most_expected == 24 + 24 * 32 / 100  # true pairs at most, and one false in a hundred
    assert scan.plan(small, threshold=2.0, best=1).most_expected == 24


# --- stopped and killed ---


def test_a_stopped_scan_goes_on_where_it_was(small, tmp_path):
    plan = scan.plan(small, threshold=THRESHOLD, block=5)
    out = tmp_path / "out"

    def stop(stage, done, total):
        if done > total / 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        scan.run(plan, out, scan.begin(plan, out), workers=1, tick=stop)
    left = scan.begin(plan, out, resume=True)
    scan.run(plan, out, left, workers=1)

    assert 0 < len(left) < len(plan.blocks)
    assert scan.collect(plan, out)["digest"] == scanned(small, tmp_path / "whole")["digest"]


def test_a_block_whose_process_is_killed_is_run_again(nation, tmp_path):
    path, _ = nation
    plan = scan.plan(path, threshold=3.0, block=20)
    killed = []

    def kill(stage, done, total):
        if 0 < done < total and not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    scan.run(plan, tmp_path / "out", scan.begin(plan, tmp_path / "out"), workers=2, tick=kill)

    assert killed
    digest = scan.collect(plan, tmp_path / "out")["digest"]
    assert digest == scanned(path, tmp_path / "whole", threshold=3.0)["digest"]


def test_a_scan_that_is_killed_leaves_whole_blocks_and_no_process(nation, tmp_path):
    path, _ = nation
    out = tmp_path / "out"
    script = (
        "import sys, pathlib; from homeward import scan\n"
        "if __name__ == '__main__':\n"
        "    path, out = map(pathlib.Path, sys.argv[1:])\n"
        "    plan = scan.plan(path, threshold=3.0, block=2)\n"
        "    scan.run(plan, out, scan.begin(plan, out), workers=2)\n"
    )
    (tmp_path / "script.py").write_text(script)
    process = subprocess.Popen([sys.executable, str(tmp_path / "script.py"), str(path), str(out)])
    while len(list(out.glob("blocks/*.parquet"))) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    psutil.wait_procs(workers, timeout=30)

    plan = scan.plan(path, threshold=3.0, block=2)
    left = scan.begin(plan, out, resume=True)
    scan.run(plan, out, left, workers=1)

    assert not any(worker.is_running() for worker in workers)
    assert 0 < len(left) < len(plan.blocks)
    assert scan.collect(plan, out)["digest"] == scanned(path, tmp_path / "whole", threshold=3.0)["digest"]


def test_what_a_killed_write_left_is_no_block(small, tmp_path):
    plan = scan.plan(small, threshold=THRESHOLD, block=5)
    out = tmp_path / "out"
    left = scan.begin(plan, out)
    half = block_file(out, left[0])
    half.with_name(f".{half.name}.abc.unfinished").write_bytes(b"PAR1 half")

    assert [block.number for block in scan.begin(plan, out, resume=True)] == [block.number for block in plan.blocks]


def test_another_scan_does_not_go_on_in_its_place(small, tmp_path):
    out = tmp_path / "out"
    scan.begin(scan.plan(small, threshold=THRESHOLD), out)

    with pytest.raises(WouldOverwrite, match="--resume"):
        scan.begin(scan.plan(small, threshold=THRESHOLD), out)
    with pytest.raises(Nonsense, match="another threshold"):
        scan.begin(scan.plan(small, threshold=1.0), out, resume=True)
    with pytest.raises(Nonsense, match="other blocks"):
        scan.begin(scan.plan(small, threshold=THRESHOLD, block=2), out, resume=True)


def test_a_changed_input_is_refused_when_a_scan_goes_on(tmp_path):
    out = tmp_path / "out"
    write_set(programme(seed=1), tmp_path / "one")
    write_set(programme(seed=2), tmp_path / "other")
    scan.begin(scan.plan(tmp_path / "one", threshold=THRESHOLD), out)

    with pytest.raises(Nonsense, match="another input"):
        scan.begin(scan.plan(tmp_path / "other", threshold=THRESHOLD), out, resume=True)


def test_nobody_against_nobody_gives_an_empty_table(small, tmp_path):
    path = tmp_path / "set"
    shutil.copytree(small, path)
    for name in ("families", "remains"):
        pq.write_table(pq.read_table(path / f"{name}.parquet").slice(0, 0), path / f"{name}.parquet")

    assert scanned(path, tmp_path / "out")["results"] == 0
    assert results(tmp_path / "out") == []


def test_a_threshold_must_be_a_number(small):
    with pytest.raises(Nonsense, match="finite"):
        scan.plan(small, threshold=math.inf)
