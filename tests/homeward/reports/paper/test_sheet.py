"""The progress sheet on paper, and what it refuses."""

from datetime import date

import pytest

from homeward.errors import Nonsense
from homeward.reports.paper.sheet import Cell, Footnote, Row, Sheet, figures_pdf
from tests.homeward.reports.paper.pictures import needs_poppler, squeezed, text_of
from tests.homeward.reports.paper.statements import WHEN

CASES = {"en": "containers", "ko": "상자"}
COLUMNS = ({"en": "Containers received", "ko": "받은 상자"}, {"en": "Individuals, estimated", "ko": "추정 개체"})


def said(english, korean):
    return {"en": english, "ko": korean}


def sheet(rows=None, footnotes=None, **fields):
    made = {
        "title": said("Progress of the accounting", "신원확인 진척표"),
        "programme": "Korea 1950-53",
        "as_of": date(2018, 6, 18),
        "made_at": WHEN,
        "columns": COLUMNS,
        "rows": rows
        or (
            Row(said("Handed over by the other side", "상대측이 인도한 유해")),
            Row(
                said("Turnovers 1990-94", "1990-94년 인도"),
                (Cell("208", CASES, "claim", ("a",)), Cell(said("about 600", "약 600"), None, "claim", ("a", "b"))),
            ),
            Row(said("Turnover of July 2018", "2018년 7월 인도"), (Cell("55", CASES, "record"), Cell()), ("c",)),
        ),
        "footnotes": footnotes
        if footnotes is not None
        else tuple(Footnote(mark, said(f"Source {mark}", f"출처 {mark}")) for mark in "abc"),
        "lead": said("7,699 were unaccounted for on this day.", "이날까지 7,699명의 행방이 확인되지 않았습니다."),
    }
    return Sheet(**{**made, **fields})


@needs_poppler
def test_a_sheet_says_each_figure_with_its_standing_its_notes_and_its_day():
    text = squeezed(text_of(figures_pdf(sheet()), layout=True))
    must = [
        "As of 2018-06-18",
        "2018-06-18 기준",
        "208",
        "claim · 주장",
        "from records · 기록에서 셈",
        "no figure",
        "수치 없음",
    ]
    must += ["about 600 · 약 600", "Source a", "출처 c", "They are never added together.", "7,699명"]
    assert [one for one in must if squeezed(one) not in text] == []


def test_a_sheet_is_the_same_bytes_again():
    assert figures_pdf(sheet()) == figures_pdf(sheet())


@needs_poppler
def test_a_sheet_of_many_streams_goes_over_pages():
    row = sheet().rows[1]
    text = text_of(figures_pdf(sheet(rows=(row,) * 60)))
    assert text.count("Containers received") >= 2
    assert text.count("208") == 60


def test_a_claim_without_a_source_is_refused():
    with pytest.raises(Nonsense, match="no footnote"):
        Cell("208", CASES, "claim")


@pytest.mark.parametrize(("value", "mark"), [("", "record"), ("208", "none")])
def test_a_figure_and_its_standing_must_fit(value, mark):
    with pytest.raises(Nonsense, match="is marked"):
        Cell(value, CASES, mark)


def test_a_row_with_a_figure_too_few_is_refused():
    with pytest.raises(Nonsense, match="1 figures for 2 columns"):
        sheet(rows=(Row(said("x", "ㄱ"), (Cell(),)),))


def test_a_footnote_that_is_named_and_missing_is_refused():
    with pytest.raises(Nonsense, match="Footnotes"):
        sheet(footnotes=())


def test_a_title_that_one_side_cannot_read_is_refused():
    with pytest.raises(Nonsense, match="not said in ko"):
        figures_pdf(sheet(title={"en": "Progress"}))
