"""What a comparison rests on and what changed since the run before, on the board's page."""

import pytest

from casework.board import explained, queries
from tests.casework.board.conftest import told

EXPLANATION = {
    "lines": [
        {
            "line": "gait", "log10_lr": 1.25, "runner_up_log10_lr": None, "parts": {"left": 0.75}, "posterior": 0.75,
            "rank": 2, "leading": "M-2", "leading_posterior": 0.24, "method": "row",
        },
        {
            "line": "dna", "log10_lr": 4.5, "runner_up_log10_lr": 1.0, "parts": {}, "posterior": 0.01, "rank": 1,
            "leading": "M-1", "leading_posterior": 0.01, "method": "exact",
        },
    ],
    "separation": {
        "hypothesis": "M-2", "lines": {"dna": 3.5}, "log10_odds": 3.52, "needed_log10_lr": 1.75, "genetics": "never",
    },
    "alike": 8, "alike_persons": ["M-2", "M-3", "M-4", "M-5", "M-6", "M-7", "M-8"],
    "log10_glr": 3.25, "glr_absent": "", "exact_priors": [[0.1, 0.98], [0.9, 0.9998]], "priors_absent": "",
    "margin_log10_lr": -0.35,
}  # fmt: skip


def explained_result(**first):
    """A result whose first comparison is explained."""
    result = told()
    result["remains"][0] = {**result["remains"][0], "explanation": EXPLANATION, **first}
    return result


def seen(page, address: str) -> str:
    answer = page.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["without gait", "leads: M-2", "with these relatives no profile"]), ("ko", ["gait 제외", "일반화 우도비"])],
)
def test_what_a_comparison_rests_on_is_shown_line_by_line(finished, board_member, browse, language, words):
    finished(explained_result())
    page = browse(board_member)
    page.cookies["django_language"] = language

    shown = seen(page, "/board/comparisons/R-1/")

    assert all(word in shown for word in words)
    assert all(value in shown for value in ("+1.25", "left +0.75", "+3.25", "−0.35", "+1.75"))
    assert "M-7" in shown
    assert "M-8" not in shown  # the first six are named
    assert 'class="line"' in shown


def test_a_run_from_before_explanations_were_kept_still_has_its_page(finished, board_member, browse):
    finished()

    shown = seen(browse(board_member), "/board/comparisons/R-1/")

    assert "Figure 5" not in shown
    assert "Generalised LR" not in shown
    assert 'id="h-since"' not in shown


def test_what_moved_since_the_run_before_is_named(finished, board_member, browse):
    finished()
    later = explained_result(conclusion="review")
    later["settings"] = {**later["settings"], "sex_error": 0.2}
    best = later["pairs"][0]
    best["posterior"], best["evidence"] = 0.99, {**best["evidence"], "gait": -1.5}
    later["remains"][0]["best"] = best
    finished(later)

    shown = seen(browse(board_member), "/board/comparisons/R-1/")

    assert 'id="h-since"' in shown
    assert "gait −1.50" in shown
    assert "<code>sex_error</code>: 0.01 → 0.2" in shown


def test_the_run_before_is_of_the_same_remains_and_earlier(finished, board_member):
    first, second = finished(), finished(explained_result())

    one = queries.comparison(second, "R-1", by=board_member)
    found = explained.changed(one)

    assert found.before.run_id == first.pk
    assert explained.changed(found.before) is None
    assert not found.settings
    assert found.same_science


def test_the_page_withholds_names_from_who_may_not_see_them(finished, analyst, browse):
    finished(explained_result())

    shown = seen(browse(analyst), "/board/comparisons/R-1/")

    assert "without gait" in shown
    assert "Oresk" not in shown
