"""Labels for cases and bags."""

import pytest

from homeward.errors import Nonsense
from homeward.reports.paper.labels import Label, labels_of, labels_pdf
from tests.homeward.reports.paper.pictures import boxes_of, codes_of, needs_poppler, pages_of, squeezed, text_of
from tests.homeward.reports.paper.statements import DIGEST, WHEN, line, manifest, reservation

FULL = Label(
    "C-0411", 1, 2, "I-0482", "SITE-00193", "26-2KR", "N104 E88", "2018-07-20", "85-110", "왼쪽 넙다리뼈", "DK", DIGEST
)


def test_a_manifest_gives_a_label_for_each_case_and_each_bag():
    two = manifest([line(1, bags=2), line(2, bags=0)])
    assert [(one.number, one.bag, one.bags) for one in labels_of(two)] == [
        ("C-0411", None, None),
        ("C-0411", 1, 2),
        ("C-0411", 2, 2),
        ("C-0412", None, None),
    ]


def test_where_the_sender_says_it_is_from_is_a_claim_and_no_site():
    assert {one.site for one in labels_of(manifest([line(1, origin="Hill 482")]))} == {""}


@needs_poppler
def test_a_label_says_what_stands_on_it_in_both_languages_and_has_its_twin():
    text = text_of(labels_pdf([FULL], at=WHEN))
    for said in ("C-0411", "I-0482", "SITE-00193", "26-2KR", "N104 E88", "2018-07-20", "85-110", "왼쪽 넙다리뼈", "DK"):
        assert text.count(said) == 2
    for said in ("Bag 1 of 2", "봉투 2개 중 1번", "goes inside the bag", "봉투 안에 넣음", "Depth, cm", "깊이, cm"):
        assert squeezed(said) in squeezed(text)


@needs_poppler
def test_each_label_is_read_by_a_telephone():
    labels = [Label(f"C-{number}", number, 9, digest=DIGEST) for number in range(1, 9)]
    assert codes_of(labels_pdf(labels, at=WHEN, twins=False), dpi=300) == [
        [f"homeward:{DIGEST}#C-{number}#{number}/9" for number in range(1, 9)]
    ]


@needs_poppler
def test_eight_stand_on_a_sheet():
    assert len(pages_of(labels_pdf([Label(f"C-{n}") for n in range(17)], at=WHEN))) == 3


@needs_poppler
def test_a_long_description_is_cut_where_it_can_be_seen_and_a_long_number_is_not_cut():
    number = "CONTAINER-" + "0123456789" * 5
    made = labels_pdf([Label(number, description="three fragments of the pelvis " * 30)], at=WHEN)
    text = text_of(made)
    assert squeezed(number) in squeezed(text)
    assert "…" in text
    assert all(bottom < 27 + 192 + 20 for _width, _height, _left, _top, _right, bottom in boxes_of(made))


def test_labels_are_the_same_bytes_again():
    assert labels_pdf([FULL], at=WHEN) == labels_pdf([FULL], at=WHEN)


@pytest.mark.parametrize(("bag", "bags"), [(0, 2), (3, 2), (1, None), (None, 2)])
def test_a_bag_that_cannot_be_is_refused(bag, bags):
    with pytest.raises(Nonsense, match="There is no bag"):
        Label("C-1", bag, bags)


def test_a_label_without_a_number_is_refused():
    with pytest.raises(Nonsense, match="labels nothing"):
        Label("")


def test_no_labels_are_refused():
    with pytest.raises(Nonsense, match="0 labels"):
        labels_pdf([], at=WHEN)


def test_labels_of_something_else_are_refused():
    with pytest.raises(Nonsense, match="not from a reservation"):
        labels_of(reservation())
