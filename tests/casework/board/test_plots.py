"""Figures: what is drawn where, by numbers worked by hand."""

import re
import xml.etree.ElementTree as ET

import pytest

from casework.board.plots import Mark, Scale, Step, posterior_scale, waterfall


def drawn(figure: str) -> ET.Element:
    return ET.fromstring(figure)


def rectangles(figure: str, kind: str) -> list[tuple[float, float]]:
    """Where the bars of a kind begin and end."""
    found = [r for r in drawn(figure).iter("rect") if r.get("class") == kind]
    return [(float(r.get("x")), float(r.get("x")) + float(r.get("width"))) for r in found]


def test_each_line_of_a_waterfall_starts_where_the_one_above_ends():
    first, last = Step("Prior odds", -4.0, "−4"), Step("Posterior odds", 1.0, "+1")
    steps = [Step("TH01", 6.0, "+6"), Step("vWA", -1.0, "−1")]

    figure = waterfall("A way", steps, first=first, last=last, even="even odds")

    # -4 + 6 = 2, then 2 - 1 = 1; the axis runs from floor(-4) - 0.5 to ceil(2) + 0.5 over 544 pixels from 236.
    x = {value: 236 + (value + 4.5) / 7 * 544 for value in (-4, 1, 2)}
    assert rectangles(figure, "for") == [pytest.approx((x[-4], x[2]), abs=0.2)]
    assert rectangles(figure, "against") == [pytest.approx((x[1], x[2]), abs=0.2)]


def test_an_impossible_line_is_a_cross_and_closes_with_no_stroke():
    first, last = Step("Prior odds", -4.0, "−4"), Step("Posterior odds", None, "−∞")

    figure = waterfall("A way", [Step("TH01", None, "−∞")], first=first, last=last, even="even")

    kinds = [element.get("class") for element in drawn(figure).iter("path")]
    assert kinds.count("place") == 1
    assert kinds.count("sum") == 1


def test_words_are_escaped_and_nothing_is_styled_inside_the_figure():
    step = Step("<script>", 1.0, "&")

    figure = waterfall('A "way"', [step], first=Step("a", 0.0, ""), last=Step("b", 1.0, ""), even="even")

    assert "<script>" not in figure
    assert "style=" not in figure
    assert drawn(figure).find("title").text == 'A "way"'


@pytest.mark.parametrize("shape", ["exact", "certified", "sampled"])
def test_each_label_has_its_own_shape_on_the_scale_of_odds(shape):
    mark = Mark("M-1", 2.0, shape, "0.99", low=1.0, high=3.0)

    figure = posterior_scale("Odds", [mark], limit=3.3, limit_words="threshold", tick_words=[(0, "even")])

    assert {"exact", "certified", "sampled"} & {element.get("class") for element in drawn(figure).iter()} == {shape}


def test_what_lies_beyond_the_scale_is_drawn_at_its_edge():
    scale = Scale(-10, 5, 100, 400)

    assert scale.x(-40) == 100
    assert scale.x(7) == 400
    assert scale.x(-2.5) == 250


@pytest.mark.parametrize(("low", "high"), [(-4.5, 8.5), (-12, 3), (-40, 20), (-0.5, 0.5)])
def test_ticks_are_few_hold_even_odds_and_stand_inside(low, high):
    ticks = Scale(low, high, 0, 100).ticks()

    assert 0 in ticks
    assert len(ticks) <= 14
    assert all(low <= tick <= high for tick in ticks)


def test_no_text_stands_outside_the_figure():
    step = Step("TH01", 1.0, "+1")
    figure = waterfall("A way", [step], first=Step("a", 0.0, "0"), last=Step("b", 1.0, "+1"), even="even")

    height = float(drawn(figure).get("height"))
    assert all(0 <= float(y) <= height for y in re.findall(r'<text[^>]* y="([\d.-]+)"', figure))
