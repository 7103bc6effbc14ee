"""Papers drawn up from statements, read back as text and as pictures."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, NotFound
from homeward.reports.paper.custody import custody_record_pdf
from homeward.reports.paper.fingerprints import Fingerprint, fingerprints_of, fingerprints_pdf
from homeward.reports.paper.forms import handover_pdf, manifest_pdf, pdf_of, receipt_pdf, reservation_pdf, statement_pdf
from homeward.reports.statement_words import languages, word
from homeward.seals.keys import PrivateKey, grouped
from tests.homeward.reports.paper.pictures import boxes_of, codes_of, needs_poppler, pages_of, squeezed, text_of
from tests.homeward.reports.paper.statements import (
    ARVAD,
    DIGEST,
    EVERY_KIND,
    NAMES,
    WHEN,
    handover,
    line,
    manifest,
    receipt,
    reservation,
    statement,
)

LONG = "Left femur and tibia, three fragments of the pelvis, 왼쪽 넙다리뼈와 정강뼈; " * 12
WORD = "CONTAINER-" + "0123456789" * 8


def test_the_same_statement_gives_the_same_bytes():
    assert manifest_pdf(manifest(), copies=3) == manifest_pdf(manifest(), copies=3)


def test_another_copy_is_another_paper():
    assert manifest_pdf(manifest(), copy=1) != manifest_pdf(manifest(), copy=2)


@needs_poppler
def test_a_manifest_says_everything_in_both_languages():
    text = text_of(manifest_pdf(manifest(), copy=1, parties=NAMES))

    for said in (
        "Manifest",
        "인도 목록",
        "Belmar (belmar)",
        "벨마르 (belmar)",
        "C-2018-06-12/4",
        "UTC+09:00 (Asia/Seoul)",
    ):
        assert said in text
    assert "15 (fifteen) cases" in text
    assert "상자 15개(일십오 개)" in text
    assert all(f"C-{410 + number:04d}" in text and f"BL {77101 + number}" in text for number in range(1, 16))
    assert "5.1" in text  # 5,137 g


@needs_poppler
def test_each_page_carries_the_digest_in_full_and_its_number():
    drawn_from = manifest([line(number) for number in range(1, 60)])
    pages = pages_of(manifest_pdf(drawn_from, copy=2))

    assert len(pages) > 4
    for number, page in enumerate(pages, 1):
        assert grouped(drawn_from.digest.removeprefix("sha256:")) in page
        assert f"Page {number} of {len(pages)}" in page
        assert f"{len(pages)}쪽 중 {number}쪽" in page
        assert "Copy 2 of 3" in page
        assert "3부 중 제2부" in page


@needs_poppler
def test_every_copy_counts_its_own_pages():
    one = pages_of(manifest_pdf(manifest(), copy=1))
    every = pages_of(manifest_pdf(manifest()))

    assert len(every) == 3 * len(one)
    assert f"Page 1 of {len(one)}" in every[len(one)]
    assert "Copy 3 of 3" in every[-1]


@needs_poppler
def test_the_head_of_the_table_is_repeated_on_each_page():
    pages = pages_of(manifest_pdf(manifest([line(number) for number in range(1, 60)]), copy=1))
    assert all("Seal as found" in page and "확인한 봉인" in page for page in pages[:-1])


@needs_poppler
@pytest.mark.parametrize("draw", [manifest_pdf, handover_pdf, receipt_pdf, reservation_pdf, statement_pdf])
def test_the_code_on_the_first_page_holds_the_digest(draw):
    read = codes_of(draw(manifest(), copy=1))

    assert read[0] == [f"homeward:{manifest().digest}"]
    assert not any(read[1:])


@needs_poppler
def test_five_hundred_lines_are_set_and_none_is_left_out():
    long = manifest([line(number) for number in range(1, 501)])

    made = manifest_pdf(long, copy=1)

    text = text_of(made)
    assert all(f"C-{410 + number:04d}" in text for number in range(1, 501))
    assert "500 (five hundred) cases" in text
    assert "오백 개" in text


@needs_poppler
@pytest.mark.parametrize("draw", [manifest_pdf, handover_pdf, receipt_pdf, statement_pdf])
def test_long_values_stay_on_the_page_whole(draw):
    lines = [
        line(1, container=WORD, description=LONG, seals=[WORD] * 3, origin=WORD),
        line(2, claims=[{"about": "name", "text": LONG}], bags=123_456, weight_g=98_765_432),
    ]
    made = draw(manifest(lines), copy=1, parties={"belmar": {"en": LONG[:200], "ko": "벨" * 60}})

    assert squeezed(WORD) in squeezed(text_of(made))
    for width, height, left, top, right, bottom in boxes_of(made):
        assert left >= 45
        assert right <= width - 45
        assert top >= 20
        assert bottom <= height - 20


@needs_poppler
def test_a_line_longer_than_a_page_is_broken_over_two_and_not_cut():
    made = manifest_pdf(manifest([line(1, description="first " + LONG * 12 + " last"), line(2)]), copy=1)
    text = text_of(made)
    assert "first" in text
    assert "last" in text
    assert "C-0412" in text


@needs_poppler
@pytest.mark.parametrize("draw", [manifest_pdf, handover_pdf, receipt_pdf])
@pytest.mark.parametrize("signs", [290, 310, 5000])
def test_a_case_number_of_any_length_is_printed_whole(draw, signs):
    made = draw(manifest([line(1, container="Ж" * signs), line(2)]), copy=1)
    assert text_of(made).count("Ж") == signs
    assert all(bottom <= height - 20 for _width, height, _left, _top, _right, bottom in boxes_of(made))


@needs_poppler
def test_what_is_withheld_is_said_to_be_withheld():
    text = text_of(manifest_pdf(manifest([line(1, description={"commitment": DIGEST})]), copy=1))
    assert "withheld" in text
    assert "가려 둠" in text
    assert "91c4 07de" in text


@needs_poppler
def test_a_claim_is_marked_as_a_claim():
    text = squeezed(text_of(manifest_pdf(manifest([line(1, claims=[{"about": "name", "text": "서문재현"}])]), copy=1)))
    assert "claim,name" in text
    assert "주장,이름" in text
    assert "서문재현" in text


@needs_poppler
def test_a_name_is_printed_in_every_script():
    name = "서문재현 西門在賢, Sŏmun Chae-hyŏn, Čapek, Ağaoğlu, Шостакович 똠뷁"
    text = text_of(statement_pdf(reservation(text=[{"lang": "en", "text": name}])))
    assert squeezed(name) in squeezed(text)


@needs_poppler
def test_a_sign_without_type_is_printed_as_its_number():
    text = text_of(statement_pdf(reservation(text=[{"lang": "en", "text": "taken \U0001f600 away 简"}])))
    assert "[U+1F600]" in squeezed(text)


@needs_poppler
def test_both_languages_stand_on_one_page_in_the_order_asked_for():
    korean_first = text_of(manifest_pdf(manifest(), copy=1, languages=("ko", "en")), layout=True)
    assert korean_first.index("인도 목록") < korean_first.index("Manifest")


@needs_poppler
def test_one_language_alone_says_nothing_in_the_other():
    text = text_of(manifest_pdf(manifest(), copy=1, languages=("en",)))
    assert "Manifest" in text
    assert "인도" not in text


@needs_poppler
@pytest.mark.parametrize("kind", sorted(EVERY_KIND))
def test_any_kind_of_statement_can_be_printed_with_all_it_says(kind):
    text = squeezed(text_of(statement_pdf(EVERY_KIND[kind], copy=1)))

    for language in languages():
        assert squeezed(word(f"kind.{kind}", language)) in text
    assert all(squeezed(value) in text for value in _strings(EVERY_KIND[kind].body))


def _strings(value):
    """Free texts of a body: not codes, which are said in words, and not digests, which are grouped."""
    if isinstance(value, str):
        yield from [value] if value.startswith("~") else []
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def test_each_kind_has_a_paper():
    assert all(pdf_of(one, copy=1).startswith(b"%PDF-") for one in EVERY_KIND.values())


@needs_poppler
def test_a_receipt_says_what_came_of_each_line():
    text = squeezed(text_of(receipt_pdf(receipt(), copy=1)))
    for said in ("not received", "인수하지 못함", "not on the manifest", "목록에 없음", "stood behind C-0413"):
        assert squeezed(said) in text


@needs_poppler
def test_a_handover_is_signed_by_who_gives_who_takes_and_who_sees():
    text = text_of(handover_pdf(handover(), copy=1, parties=NAMES))
    for said in (
        "Relinquished by",
        "인도자",
        "Received by",
        "인수자",
        "Y. Amset",
        "D. Karsk",
        "The Observer",
        "Signature",
        "서명",
    ):
        assert said in text


@needs_poppler
def test_an_empty_form_has_a_place_for_the_pen():
    text = text_of(reservation_pdf(manifest(), copy=1))
    assert "in your own words" in text
    assert "자기 말과 글로" in text


@needs_poppler
def test_a_reservation_is_printed_in_every_language_it_was_written_in():
    text = text_of(reservation_pdf(reservation(), copy=1))
    for said in ("was not among the cases", "내려놓은 상자 가운데", "La caisse manquait", "“fr”"):
        assert said in text


@needs_poppler
def test_a_custody_record_holds_what_it_must():
    text = squeezed(
        text_of(
            custody_record_pdf(
                handover(),
                number="CR-0007",
                manifest=manifest(),
                receipt=receipt(),
                reservations=[reservation()],
                previous=DIGEST,
                parties=NAMES,
                copy=1,
            )
        )
    )
    must = [
        "CR-0007",
        "T-2018-01",
        "C-2018-06-12/4",
        "C-0411",
        "15 (fifteen) cases",
        "상자 15개(일십오 개)",
        "1 (one) bag",
    ]
    must += [
        "BL 77102",
        "broken",
        "훼손됨",
        "Y. Amset, transport officer",
        "D. Karsk, custodian",
        "2018-07-27 01:40:00 UTC",
    ]
    must += ["Tol crossing", "Return of remains", "R-1", "was not among the cases", "91c4 07de", "English, 한국어"]
    must += ["Copy 1 of 3", "The Observer", "Seal"]
    assert [said for said in must if squeezed(said) not in text] == []


@needs_poppler
def test_the_first_custody_record_says_that_it_is_the_first_and_that_nothing_was_reserved():
    text = text_of(custody_record_pdf(handover(), number="CR-1", copy=1))
    assert "This is the first record." in text
    assert "기록된 유보는 없습니다" in text


def test_a_custody_record_refuses_what_belongs_to_another_transfer():
    with pytest.raises(Nonsense, match="T-2018-02"):
        custody_record_pdf(handover(), number="CR-1", manifest=manifest(subject="transfer:T-2018-02"))


def test_a_custody_record_refuses_a_statement_of_another_kind():
    with pytest.raises(Nonsense, match="takes a receipt here, not a manifest"):
        custody_record_pdf(handover(), number="CR-1", receipt=manifest())


@needs_poppler
def test_fingerprints_are_printed_in_groups_of_four_to_be_read_aloud():
    key = PrivateKey.generate().public(party="arvad", name="M. Oresk", role="party")
    sheet = fingerprints_pdf(
        [key, Fingerprint("belmar", "cd34" * 16)], programme="P", session="G-12", at=WHEN, parties=NAMES, copy=1
    )
    text = text_of(sheet, layout=True)
    assert squeezed(grouped(key.fingerprint)) in squeezed(text)
    assert text.count("cd34") == 16
    assert "M. Oresk" in text
    assert "소리 내어 읽고" in text


def test_fingerprints_come_from_the_minutes_of_a_session():
    assert fingerprints_of(EVERY_KIND["session"]) == (
        Fingerprint("arvad", "ab12" * 16),
        Fingerprint("belmar", "cd34" * 16),
    )


@needs_poppler
def test_a_revocation_says_what_may_no_longer_be_trusted():
    text = text_of(pdf_of(EVERY_KIND["key"], copy=1))
    assert "was revoked by its party" in text
    assert "폐기했습니다" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"copy": 4, "copies": 3},
        {"copy": 0},
        {"copies": 0},
        {"copies": 51},
        {"languages": ()},
        {"languages": ("en", "en")},
    ],
)
def test_a_paper_that_cannot_be_is_refused(wrong):
    with pytest.raises(Nonsense):
        manifest_pdf(manifest(), **wrong)


def test_a_language_without_words_is_refused():
    with pytest.raises(NotFound):
        manifest_pdf(manifest(), languages=("en", "xx"))


@pytest.mark.parametrize("draw", [manifest_pdf, handover_pdf, receipt_pdf])
def test_a_form_for_another_kind_is_refused(draw):
    with pytest.raises(Nonsense, match="not from a reservation"):
        draw(reservation())


def test_a_paper_without_zone_in_its_time_is_refused():
    with pytest.raises(ValueError, match="zone"):
        fingerprints_pdf([], programme="P", session="S", at=datetime(2018, 7, 27), copies=1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.text(min_size=1, max_size=30).filter(str.strip))
def test_no_text_that_was_signed_keeps_a_paper_from_being_printed(description, container):
    made = manifest_pdf(manifest([line(1, description=description, container=container)]), copy=1)
    assert made.startswith(b"%PDF-")


def test_markup_in_a_text_is_text():
    made = statement_pdf(
        reservation(text=[{"lang": "en", "text": '#panic("no") *a* $x$ \\ @b <c> #import "/etc/passwd"'}])
    )
    assert made.startswith(b"%PDF-")


def test_a_witness_has_a_place_though_nobody_named_one():
    alone = statement("abort", {"reason": [{"lang": "en", "text": "~No more."}]}, author=ARVAD, others=(), witness="")
    assert statement_pdf(alone, copies=1) != statement_pdf(alone, copies=2)


def test_a_paper_is_dated_with_its_statement():
    made = manifest_pdf(manifest(made_at=datetime(2018, 7, 26, 1, 2, 3, tzinfo=UTC)), copy=1)
    assert b"D:20180726010203" in made
