"""The board's comparisons: kept from a result, shown by role, and hidden from the other side."""

import pytest
from django_tasks_db.models import DBTaskResult

from casework.board import actions, queries
from casework.board.models import Candidate, Comparison
from casework.journal.models import Record
from casework.laboratory.models import DentalChart
from casework.parties.refusal import Refused
from casework.runs.models import State
from tests.casework.board.conftest import told, write_result


def seen(page, address: str) -> str:
    answer = page.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_result_is_kept_as_comparisons_with_their_candidates(finished, analyst):
    run = finished()

    assert run.state == State.FINISHED
    one = queries.comparison(run, "R-1", by=analyst)
    assert (one.best, one.best_posterior, one.runner_up) == ("M-1", 0.9996, "M-2")
    candidates = queries.candidates(one)
    assert [(c.rank, c.hypothesis) for c in candidates] == [(1, "M-1"), (2, "M-2"), (3, "not_listed"), (4, "M-3")]
    assert candidates[0].family_typed == ["F-1.sister"]
    assert candidates[3].excluded == "genotype"


def test_asking_puts_a_task_before_the_worker_and_is_journalled(records, analyst):
    run = actions.ask_identification(by=analyst, purpose="first profiles")

    assert run.state == State.ASKED
    assert DBTaskResult.objects.get().args_kwargs["args"] == [run.pk]
    assert Record.objects.filter(verb="board.ask_identification", object=f"run:{run.pk}").exists()


def test_a_refused_question_leaves_no_task(records, arvad, admit):
    with pytest.raises(Refused, match="not-permitted"):
        actions.ask_identification(by=admit(arvad, "registrar"))

    assert not DBTaskResult.objects.exists()


def test_whoever_has_brought_nothing_in_is_told_so(analyst):
    with pytest.raises(Refused, match="no-programme"):
        actions.ask_identification(by=analyst)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_comparison_shows_both_sides_and_each_number(finished, board_member, browse, language):
    finished()
    page = browse(board_member)
    page.cookies["django_language"] = language

    listed = seen(page, "/board/comparisons/")
    shown = seen(page, "/board/comparisons/R-1/")

    assert "R-1" in listed
    assert "R-2" in listed
    assert "Oresk Tarn" in listed
    assert "+4.50" in shown
    assert "0.9996" in shown
    assert "오레스크" in shown
    assert "15, 16" in shown
    assert "Corp. Ilvet" in shown
    assert shown.count("<svg") >= 3


@pytest.mark.parametrize(("roles", "charts"), [(["board_member"], 2), (["dna_analyst"], 0)])
def test_teeth_of_life_and_death_stand_side_by_side_for_who_may_see_both(finished, arvad, admit, browse, roles, charts):
    finished()
    for subject, kind, code in (("M-1", "am", "MOD-S"), ("R-1", "pm", "X")):
        DentalChart.objects.create(holder=arvad, subject_id=subject, kind=kind, date="", teeth={"3": code})

    shown = seen(browse(admit(arvad, *roles, username="reader")), "/board/comparisons/R-1/?candidate=M-1")

    assert shown.count('class="teeth"') == charts
    assert shown.count('<span class="differs">') == charts


def test_a_dna_analyst_sees_coded_identities_only(finished, analyst, browse):
    finished()
    page = browse(analyst)

    shown = seen(page, "/board/comparisons/R-1/")

    assert "M-1" in shown
    assert "Oresk" not in shown
    assert "오레스크" not in shown
    assert "15, 16" in shown
    assert "Oresk" not in seen(page, "/board/comparisons/")


def test_the_authority_sees_no_profile(finished, arvad, admit, browse):
    finished()

    shown = seen(browse(admit(arvad, "authority")), "/board/comparisons/R-1/")

    assert "Oresk Tarn" in shown
    assert "15, 16" not in shown


def test_whoever_may_not_see_comparisons_is_refused(finished, arvad, admit, browse):
    finished()
    liaison = browse(admit(arvad, "family_liaison"))

    assert liaison.get("/board/comparisons/").status_code == 403
    assert liaison.get("/board/comparisons/R-1/").status_code == 403


def test_the_other_side_sees_nothing_of_it(finished, belmar, admit, browse):
    run = finished()
    other = browse(admit(belmar, "board_member", "dna_analyst"))

    assert "R-1" not in seen(other, "/board/comparisons/")
    for address in (
        f"/board/comparisons/?run={run.pk}",
        "/board/comparisons/R-1/",
        f"/board/comparisons/R-1/?run={run.pk}",
    ):
        assert other.get(address).status_code == 404
    with pytest.raises(Refused, match="not-found"):
        queries.comparisons(run, by=admit(belmar, "authority"))


def test_each_look_leaves_a_trace(finished, board_member, browse):
    run = finished()
    before = Record.objects.filter(verb="board.look_at_comparison").count()

    seen(browse(board_member), "/board/comparisons/R-1/?candidate=M-2")

    record = Record.objects.filter(verb="board.look_at_comparison").first()
    assert Record.objects.filter(verb="board.look_at_comparison").count() == before + 1
    assert (record.object, record.actor) == ("comparison:R-1", board_member.actor)
    assert record.values == {"run": f"run:{run.pk}", "candidate": "M-2"}


def test_another_candidate_is_chosen_by_its_link_and_an_unknown_one_is_not_there(finished, board_member, browse):
    finished()
    page = browse(board_member)

    other = seen(page, "/board/comparisons/R-1/?candidate=M-3")

    assert "excluded by DNA" in other
    assert "−∞" in other
    assert page.get("/board/comparisons/R-1/?candidate=M-9").status_code == 404


def test_the_list_is_filtered_and_ordered(finished, board_member):
    run = finished()

    def found(**asked):
        return [one.remains_id for one in queries.comparisons(run, by=board_member, **asked)]

    assert found() == ["R-1", "R-2"]
    assert found(conclusion="open") == ["R-2"]
    assert found(text="m-2") == ["R-1"]
    assert found(order="markers") == ["R-2", "R-1"]
    assert queries.by_conclusion(run, by=board_member)["identify"] == 1


def test_a_superseded_run_stays_readable_and_says_so(finished, board_member, browse):
    older, newer = finished(), finished()
    page = browse(board_member)

    shown = seen(page, f"/board/comparisons/R-1/?run={older.pk}")

    assert f"Run {newer.pk} has superseded this one" in shown
    assert "has superseded" not in seen(page, "/board/comparisons/R-1/")
    assert Comparison.objects.count() == 4
    assert Candidate.objects.count() == 12


def test_before_any_run_the_page_says_what_to_do(records, board_member, browse):
    shown = seen(browse(board_member), "/board/comparisons/")

    assert "Nothing has been compared yet" in shown


def test_an_identification_of_another_case_is_not_taken_over(records, board_member, tmp_path):
    from casework.board.comparison import OtherCase

    elsewhere = write_result(tmp_path / "elsewhere", told("sha256:of-another-case"))

    with pytest.raises(OtherCase):
        actions.register_identification(by=board_member, result=elsewhere)

    assert not Comparison.objects.exists()
    assert not Record.objects.filter(verb="board.register_identification").exists()
