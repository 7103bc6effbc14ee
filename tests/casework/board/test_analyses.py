"""Comparisons, tests of references and of families: asked from the board, computed in the worker, read as reports."""

import pytest
from django.urls import reverse

from casework.board import actions, analyses
from casework.journal.models import Record
from casework.parties.refusal import Refused
from casework.runs import actions as runs
from casework.runs import queries
from casework.runs.models import Kind, Run, State
from casework.runs.work import carry_out

KINDS = (Kind.COMPARISON, Kind.QUALITY, Kind.POWER)


def verbs():
    return list(Record.objects.order_by("number").values_list("verb", flat=True))


@pytest.fixture
def done(records, analyst):
    """A finished run of a kind."""

    def of(kind, language="en"):
        asked = actions.ask_analysis(by=analyst, kind=kind, purpose="new profiles", language=language)
        carry_out(asked.pk, compute=analyses.compute, keep=analyses.keep)
        asked.refresh_from_db()
        return asked

    return of


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_asked_computed_and_leaves_a_report_and_the_journal_says_so(kind, done):
    run = done(kind)

    assert (run.state, run.detail) == (State.FINISHED, "")
    assert run.case_digest.startswith("sha256:")
    assert {"case.zip", "report.html", "result.json"} <= set(run.files)
    assert [one for one in verbs() if "run" in one or "ask_" in one] == [
        "runs.ask",
        "board.ask_analysis",
        "runs.finish",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_same_as_at_the_command_line(kind, done, tmp_path):
    from click.testing import CliRunner

    from homeward.cli import main

    run = done(kind)
    verb = run.provenance["verb"]
    limits = ["--threshold", "0"] if kind == Kind.COMPARISON else []

    told = CliRunner().invoke(main, [verb, str(run.case), "--out", str(tmp_path / "again"), "--quiet", *limits])

    assert told.exit_code == 0, told.output
    for name in set(run.files) - {"case.zip", "result.json", "report.html"}:
        assert (tmp_path / "again" / name).read_bytes() == (run.result / name).read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_may_not_ask_is_refused_and_nothing_is_written(kind, records, arvad, admit):
    custodian = admit(arvad, "custodian")

    with pytest.raises(Refused, match="not-permitted"):
        actions.ask_analysis(by=custodian, kind=kind)

    assert not Run.objects.exists()


def test_an_identification_is_not_asked_for_by_this_door(records, analyst):
    with pytest.raises(Refused, match="no-such-analysis"):
        actions.ask_analysis(by=analyst, kind=Kind.IDENTIFICATION)


def test_without_a_programme_there_is_nothing_to_compute(analyst):
    with pytest.raises(Refused, match="no-programme"):
        actions.ask_analysis(by=analyst, kind=Kind.POWER)


def test_one_kind_at_work_does_not_keep_another_waiting(records, analyst):
    actions.ask_analysis(by=analyst, kind=Kind.POWER)

    with pytest.raises(Refused, match="already-asked"):
        actions.ask_analysis(by=analyst, kind=Kind.POWER)

    assert actions.ask_analysis(by=analyst, kind=Kind.QUALITY).at_work
    assert queries.kinds_at_rest(analyst.party) == [Kind.IDENTIFICATION, Kind.COMPARISON]


def test_a_report_calls_people_by_numbers_so_an_analyst_may_read_it_and_that_is_journalled(done, analyst, browse):
    run = done(Kind.QUALITY)
    client = browse(analyst)

    page = client.get(reverse("runs:report", args=[run.pk]))

    assert page.status_code == 200
    assert b"What to look at" in page.content
    assert b"Oresk" not in page.content
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert verbs()[-1] == "runs.read_report"


def test_the_case_names_people_and_stays_with_whoever_may_see_names(done, analyst):
    run = done(Kind.QUALITY)

    assert "case.zip" not in queries.files_for(run, by=analyst)
    with pytest.raises(Refused, match="not-permitted"):
        runs.take_file(by=analyst, run=run, name="case.zip")


def test_another_party_does_not_see_it_at_all(done, belmar, admit):
    run = done(Kind.POWER)
    other = admit(belmar, "board_member")

    with pytest.raises(Refused, match="not-found"):
        queries.run(run.pk, by=other)
    with pytest.raises(Refused, match="not-found"):
        runs.read_report(by=other, run=run)


def test_it_is_no_run_of_comparisons_with_everyone(done, board_member, browse):
    run = done(Kind.COMPARISON)
    client = browse(board_member)

    assert client.get(reverse("board:comparisons"), {"run": run.pk}).status_code == 404


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.COMPARISON, "by every system that both were typed at"),
        (Kind.QUALITY, "findings to look at"),
        (Kind.POWER, "can show"),
    ],
)
def test_its_page_says_what_was_found_and_leads_to_the_report(kind, words, done, analyst, browse):
    run = done(kind)
    client = browse(analyst)

    page = client.get(reverse("runs:run", args=[run.pk])).content.decode()

    assert words in page
    assert reverse("runs:report", args=[run.pk]) in page
    assert f"homeward {run.provenance['verb']} run-" in page


def test_the_page_of_runs_offers_what_is_not_at_work_and_asks_for_it(records, analyst, browse):
    client = browse(analyst)

    asked = client.post(reverse("board:ask"), {"kind": "power", "purpose": "whom to ask"})

    run = Run.objects.get()
    assert asked.url == reverse("runs:run", args=[run.pk])
    assert (run.kind, run.purpose) == (Kind.POWER, "whom to ask")
    page = client.get(reverse("runs:runs")).content.decode()
    assert 'value="quality"' in page
    assert 'value="power"' not in page


def test_the_report_is_in_the_language_in_which_it_was_asked_for(done, analyst):
    run = done(Kind.QUALITY, language="ko")

    assert '<html lang="ko">' in runs.read_report(by=analyst, run=run).decode()
