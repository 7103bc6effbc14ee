"""What the families of a folder can show, from the command line."""

import csv
import json

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.folder import write_programme
from homeward.planning.relatives import needed_log10_lr
from homeward.simulation import scaled, scenarios, simulate


def run(*line):
    return CliRunner().invoke(main, ["power", *(str(part) for part in line), "--quiet"])


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def programme():
    return simulate(scaled(scenarios()["korea"], persons=12), seed=4)[0]


@pytest.fixture(scope="module")
def folder(programme, tmp_path_factory):
    place = tmp_path_factory.mktemp("power") / "programme"
    write_programme(programme, place, container="folder")
    return place


def test_each_person_has_a_chance_and_each_relative_a_rank(folder, programme, tmp_path):
    out = tmp_path / "out"

    shown = run(folder, "--out", out, "--best", "1")

    assert shown.exit_code == 0, shown.output
    needed = needed_log10_lr(programme.settings, len(programme.missing))
    told = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert told["needed_log10_lr"] == pytest.approx(needed)
    persons = rows(out / "power.csv")
    assert len(persons) == len(told["persons"]) > 5
    assert all(0 <= float(row["reaches_low"]) <= float(row["reaches_high"]) <= 1 for row in persons)
    relatives = rows(out / "relatives.csv")
    assert [int(row["rank"]) for row in relatives] == list(range(1, len(relatives) + 1))
    assert sum(row["computed"] == "exact" for row in relatives) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "Whom to ask next"), ("ko", "다음으로 시료를 부탁할 사람")])
def test_the_page_draws_both_distributions(folder, tmp_path, language, words):
    out = tmp_path / "out"

    run(folder, "--out", out, "--needed", "5", "--best", "0", "--language", language)

    page = (out / "report.html").read_text(encoding="utf-8")
    assert words in page
    assert page.count('class="limit"') == page.count("<svg") > 3


@pytest.mark.parametrize(
    ("language", "prior", "sums"),
    [
        ("en", "shared out equally among", "do not add up"),
        ("ko", "똑같이 나누므로", "서로 더할 수 없습니다"),
    ],
)
def test_the_page_says_which_prior_stands_behind_it_and_that_gains_do_not_add_up(
    folder, programme, tmp_path, language, prior, sums
):
    out = tmp_path / "out"

    run(folder, "--out", out, "--best", "0", "--language", language)

    page = (out / "report.html").read_text(encoding="utf-8")
    told = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert prior in page
    assert sums in page
    assert told["prior"]["of_each"] == pytest.approx(programme.settings.listed_share / told["prior"]["listed"])


def test_a_stated_ratio_has_no_prior_behind_it(folder, tmp_path):
    out = tmp_path / "out"

    run(folder, "--out", out, "--needed", "5", "--best", "0")

    assert "no prior stands behind it" in (out / "report.html").read_text(encoding="utf-8")
