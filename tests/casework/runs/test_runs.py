"""Runs: asked, computed in the worker, superseded, cancelled, failed, and lost."""

import subprocess
import sys

import pytest

from casework.journal.models import Record
from casework.parties.refusal import Refused
from casework.runs import actions, queries
from casework.runs.models import Run, State
from casework.runs.work import carry_out
from homeward.errors import Nonsense


def verbs() -> list[str]:
    return list(Record.objects.order_by("number").values_list("verb", flat=True))


def nothing_kept(_run):
    pass


def finished(analyst, found) -> Run:
    run = actions.ask(by=analyst)
    carry_out(run.pk, compute=lambda _run, _tick: found, keep=nothing_kept)
    run.refresh_from_db()
    return run


def test_a_run_is_asked_computed_and_kept_and_the_journal_says_so(analyst, found):
    run = actions.ask(by=analyst, purpose="first profiles")

    carry_out(run.pk, compute=lambda _run, _tick: found, keep=nothing_kept)

    run.refresh_from_db()
    assert run.state == State.FINISHED
    assert run.case_digest == "sha256:1f"
    assert run.summary == {"remains": 3}
    assert verbs()[-2:] == ["runs.ask", "runs.finish"]
    assert Record.objects.get(verb="runs.finish").actor == "worker"
    assert Record.objects.get(verb="runs.finish").party == "arvad"


def test_whoever_may_not_ask_is_refused_and_nothing_is_written(arvad, admit):
    custodian = admit(arvad, "custodian")

    with pytest.raises(Refused, match="not-permitted"):
        actions.ask(by=custodian)

    assert not Run.objects.exists()
    assert "runs.ask" not in verbs()


def test_a_second_run_is_refused_while_the_first_waits(analyst):
    actions.ask(by=analyst)

    with pytest.raises(Refused, match="already-asked"):
        actions.ask(by=analyst)


def test_a_newer_run_supersedes_the_older_which_stays(analyst, found):
    older, newer = finished(analyst, found), finished(analyst, found)

    older.refresh_from_db()
    assert older.state == State.SUPERSEDED
    assert older.superseded_by == newer
    assert queries.standing(analyst.party) == newer
    assert list(queries.runs(by=analyst)) == [newer, older]


def test_a_failed_run_leaves_the_older_standing_and_says_why(analyst, found):
    standing = finished(analyst, found)
    run = actions.ask(by=analyst)

    def refuses(_run, _tick):
        raise Nonsense("a man cannot be the mother")

    carry_out(run.pk, compute=refuses, keep=nothing_kept)

    run.refresh_from_db()
    assert (run.state, run.reason, run.detail) == (State.FAILED, "refused", "a man cannot be the mother")
    assert queries.standing(analyst.party) == standing
    assert verbs()[-1] == "runs.fail"


def test_what_fails_unexpectedly_is_told_without_a_result(analyst, caplog):
    run = actions.ask(by=analyst)

    def breaks(run, _tick):
        run.result.mkdir(parents=True)
        raise ZeroDivisionError("division by zero")

    carry_out(run.pk, compute=breaks, keep=nothing_kept)

    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "unexpected")
    assert "ZeroDivisionError" in run.detail
    assert not run.result.exists()


def test_a_result_that_cannot_be_kept_changes_nothing_but_the_failure(analyst, found):
    standing = finished(analyst, found)
    run = actions.ask(by=analyst)

    def cannot(_run):
        raise OSError("disk full")

    carry_out(run.pk, compute=lambda _run, _tick: found, keep=cannot)

    run.refresh_from_db()
    standing.refresh_from_db()
    assert run.state == State.FAILED
    assert standing.state == State.FINISHED
    assert verbs()[-1] == "runs.fail"


def test_a_run_that_has_not_begun_is_cancelled_at_once_and_the_worker_leaves_it(analyst, found):
    run = actions.ask(by=analyst)

    actions.cancel(by=analyst, run=run)
    carry_out(run.pk, compute=lambda _run, _tick: found, keep=nothing_kept)

    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert verbs()[-1] == "runs.cancel"


def test_a_run_at_work_is_stopped_at_the_next_tick(analyst, found):
    run = actions.ask(by=analyst)

    def stopped_midway(running, tick):
        tick("tables", 1, 10)
        actions.cancel(by=analyst, run=running)
        tick("joint", 1, 10)
        return found

    carry_out(run.pk, compute=stopped_midway, keep=nothing_kept)

    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert run.stage == "tables"
    assert verbs()[-2:] == ["runs.cancel", "runs.stop"]


def test_progress_is_written_at_a_new_stage_and_otherwise_seldom(analyst, found, monkeypatch):
    run = actions.ask(by=analyst)
    seen = []
    clock = iter([0.0, 10.0, 10.1, 10.2, 10.7])
    monkeypatch.setattr("casework.runs.work.monotonic", lambda: next(clock))

    def compute(running, tick):
        for stage, done in (("tables", 1), ("pairs", 1), ("pairs", 2), ("pairs", 3), ("pairs", 4)):
            tick(stage, done, 9)
            now = Run.objects.get(pk=running.pk)
            seen.append((now.stage, now.done))
        return found

    carry_out(run.pk, compute=compute, keep=nothing_kept)

    assert seen == [("tables", 1), ("pairs", 1), ("pairs", 1), ("pairs", 1), ("pairs", 4)]


def test_a_run_whose_worker_was_killed_is_found_and_can_be_asked_again(analyst):
    run = actions.ask(by=analyst)
    actions.begin(run)  # and then nobody holds it: the process is gone
    run.refresh_from_db()
    assert run.abandoned

    again = actions.ask(by=analyst)

    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "worker_stopped")
    assert again.state == State.ASKED
    assert verbs()[-2:] == ["runs.give_up", "runs.ask"]


def test_a_run_that_is_held_is_not_taken_for_lost(analyst):
    run = actions.ask(by=analyst)
    actions.begin(run)
    run.refresh_from_db()

    with run.lock():
        assert not run.abandoned


def test_the_hold_on_a_run_dies_with_the_process_that_was_killed(analyst):
    run = actions.ask(by=analyst)
    actions.begin(run)
    run.refresh_from_db()
    run.folder.mkdir(parents=True)
    holding = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(); time.sleep(60)"
    )
    worker = subprocess.Popen([sys.executable, "-uc", holding, run.folder / "lock"], stdout=subprocess.PIPE)
    with worker:
        worker.stdout.readline()
        assert not run.abandoned
        worker.kill()
    assert run.abandoned


def test_a_worker_told_to_end_gives_its_run_up(analyst):
    run = actions.ask(by=analyst)

    def told_to_end(_run, _tick):
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        carry_out(run.pk, compute=told_to_end, keep=nothing_kept)

    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "worker_stopped")


def test_the_other_side_sees_no_run_of_ours(analyst, belmar, admit, found, browse):
    run = finished(analyst, found)
    other = admit(belmar, "dna_analyst")

    assert not queries.runs(by=other).exists()
    with pytest.raises(Refused, match="not-found"):
        queries.run(run.pk, by=other)
    with pytest.raises(Refused, match="not-found"):
        actions.cancel(by=other, run=run)
    assert browse(other).get(f"/runs/{run.pk}/").status_code == 404


def test_files_are_for_whoever_may_see_names_families_and_profiles(arvad, analyst, admit, found):
    run = finished(analyst, found)
    run.case.write_bytes(b"a case")
    board_member = admit(arvad, "board_member")

    assert actions.take_file(by=board_member, run=run, name="case.zip").read_bytes() == b"a case"
    with pytest.raises(Refused, match="not-permitted"):
        actions.take_file(by=analyst, run=run, name="case.zip")
    with pytest.raises(Refused, match="no-file"):
        actions.take_file(by=board_member, run=run, name="../../secret_key")
    assert verbs()[-1] == "runs.take_file"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_pages_show_where_each_run_stands(analyst, found, browse, language):
    old = finished(analyst, found)
    finished(analyst, found)
    waiting = actions.ask(by=analyst, purpose="new relatives")
    page = browse(analyst)
    page.cookies["django_language"] = language

    listed = page.get("/runs/").content.decode()
    shown = page.get(f"/runs/{waiting.pk}/").content.decode()
    superseded = page.get(f"/runs/{old.pk}/").content.decode()

    assert "new relatives" in listed
    assert f'hx-get="/runs/{waiting.pk}/progress/"' in shown
    assert "sha256:1f" in superseded
    assert ("Superseded" in superseded) == (language == "en")


def test_the_page_loads_itself_anew_once_a_run_has_ended(analyst, found, browse):
    waiting = actions.ask(by=analyst)
    page = browse(analyst)

    assert "HX-Refresh" not in page.get(f"/runs/{waiting.pk}/progress/")
    actions.cancel(by=analyst, run=waiting)
    assert page.get(f"/runs/{waiting.pk}/progress/")["HX-Refresh"] == "true"
