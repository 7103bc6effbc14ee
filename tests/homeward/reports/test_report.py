"""The report: what it says, in both languages, and that it stands alone."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from homeward.identification.result import Conclusion
from homeward.programme import Marker, Profile
from homeward.reports.html import report_html
from tests.homeward.reports.results import identification, programme

VOID = {"meta", "link", "br", "hr", "img", "input"}


@pytest.fixture(scope="module")
def asked():
    return programme()


@pytest.fixture(scope="module")
def result(asked):
    return identification(asked)


@pytest.fixture(scope="module", params=["en", "ko"])
def page(request, asked, result):
    return report_html(result, asked, language=request.param)


@pytest.fixture(scope="module")
def english(asked, result):
    return report_html(result, asked, language="en")


class Outline(HTMLParser):
    """Tags that are open, identifiers met and links within the page."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.wrong = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        self.wrong += [f"<{tag} {name}>" for name in attributes if name == "style" or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


def test_error_models_and_silent_alleles_are_stated(asked, result):
    lossy = replace(
        asked,
        settings=replace(asked.settings, dropout=0.05),
        profiles=(Profile(sample_id="S1", subject_id="R1", calls={"TH01": ("6", "6")}),),
        markers=(Marker(marker="TH01", silent_frequency=0.002),),
    )
    page = report_html(replace(result, settings=lossy.settings), lossy, language="en")
    assert "drop-out 0.05 of each copy" in page
    assert "Markers with a silent allele: 1, with a frequency of 0.002 to 0.002" in page
    assert "Profiles are taken as right" not in page
    assert "Profiles are taken as right" in report_html(result, asked, language="en")


def test_the_page_is_well_formed_and_stands_alone(page):
    outline = Outline()
    outline.feed(page)
    assert not outline.wrong
    assert not outline.open
    assert len(outline.ids) == len(set(outline.ids))
    assert all(link.startswith("#") and link[1:] in outline.ids for link in outline.links)
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)


def test_each_conclusion_that_allows_a_proposal_is_shown_in_full(english, result):
    for remains in result.remains:
        if remains.conclusion in (Conclusion.IDENTIFY, Conclusion.REVIEW, Conclusion.SYMMETRIC):
            assert f'id="r-{remains.remains_id}"' in english


def test_no_probability_is_written_as_a_percentage_or_as_one(page):
    body = page.split("</style>")[1]
    assert "%" not in re.sub(r'(href|id|aria-labelledby)="[^"]*"', "", body)
    assert not re.search(r">\s*1\.0+\s*<", body)


def test_numbers_have_a_true_minus(page):
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page.split("</style>")[1], flags=re.S)
    assert not re.search(r"(?<![\w-])-\d", text)


def test_the_answer_comes_with_its_prior_label_and_the_chance_of_another(english):
    assert (
        "The evidence points to <strong>TWO/M-03217 Sŏmun Chae-7</strong>: posterior <strong>0.99987</strong>"
        in english
    )
    assert "1 in 7,700" in english
    assert "± 0.0042" in english
    assert "0.25; to an outsider: second nation 0.15" in english


def test_what_was_not_examined_is_said(english):
    assert "Not examined" in english
    assert "mitochondrial DNA; Y chromosome" in english


def test_families_set_aside_added_alleles_and_notes_are_told(english):
    for told in ("D3S1358", "43.2", "0.00240", "AMEL tells the genetic sex", "something_new: what 3"):
        assert told in english


def test_the_korean_report_speaks_korean(asked, result):
    korean = report_html(result, asked, language="ko")
    for word in ("신원확인 보고서", "사후확률", "우도비", "가계도", "유해", "사전확률"):
        assert word in korean
    assert "posterior" not in re.sub(r"<style>.*?</style>", "", korean, flags=re.S)


def test_a_large_result_is_told_in_lines_and_stays_small(asked, result):
    many = tuple(
        replace(result.remains[4], remains_id=f"R-{number:04d}", conclusion=Conclusion.OPEN) for number in range(500)
    )
    page = report_html(replace(result, remains=(*result.remains[:3], *many)), asked)
    assert page.count('id="h-r-') == 3
    assert len(page) < 2_000_000


def test_names_of_a_folder_are_escaped(asked, result):
    hostile = replace(asked, settings=replace(asked.settings, name="<script>alert(1)</script>"))
    assert "<script>" not in report_html(result, hostile)
