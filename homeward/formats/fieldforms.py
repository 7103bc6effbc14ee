"""Forms for the field: an XLSForm for ODK, KoBo and QField, in English and Korean.

A form is filled offline and names itself by a UUID, which becomes the identifier of the search. So a return that is
read twice adds nothing, and two teams cannot give one name to two searches (``fieldreturns.py``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping

from homeward.errors import Nonsense
from homeward.programme import Burial, Programme, SearchOutcome

LANGUAGES = ("English (en)", "한국어 (ko)")
_LABELS = tuple(f"label::{language}" for language in LANGUAGES)
_HINTS = tuple(f"hint::{language}" for language in LANGUAGES)
Words = tuple[str, str]

_BURIALS: Mapping[Burial, Words] = {
    Burial.ISOLATED: ("one man alone", "단독 매장"),
    Burial.MASS: ("a grave of several", "집단 매장지"),
    Burial.CEMETERY: ("a cemetery", "묘지"),
    Burial.CRASH: ("a crash site", "추락 지점"),
}
_OUTCOMES: Mapping[SearchOutcome, Words] = {
    SearchOutcome.NOTHING: ("nothing was found", "아무것도 찾지 못함"),
    SearchOutcome.REMAINS: ("remains were found", "유해를 찾음"),
}
_QUESTIONS: tuple[tuple[str, str, Words, Words, str, str], ...] = (
    # type, name, label, hint, required, constraint
    ("date", "date", ("Day of the search", "수색한 날"), ("", ""), "yes", ". <= today()"),
    (
        "select_one sites",
        "site_id",
        ("Site", "현장"),
        ("other: name it below", "목록에 없으면 아래에 적으십시오"),
        "yes",
        "",
    ),
    ("text", "other_site", ("Which site", "어느 현장"), ("", ""), "yes", ""),
    ("geopoint", "place", ("Middle of what was searched", "수색한 곳의 가운데"), ("", ""), "", ""),
    ("geoshape", "outline", ("Outline of what was searched", "수색한 곳의 둘레"), ("", ""), "", ""),
    ("decimal", "effort", ("Effort", "투입량"), ("in the unit below", "아래 단위로"), "yes", ". >= 0"),
    (
        "text",
        "unit",
        ("Unit of the effort", "투입량의 단위"),
        ("crew-days, square metres", "조·일, 제곱미터"),
        "yes",
        "",
    ),
    (
        "decimal",
        "detection",
        ("Chance that it would have found what lay there", "그곳에 있었다면 찾았을 확률"),
        ("0 to 1; leave empty if not judged", "0에서 1 사이, 판단하지 않았으면 비워 두십시오"),
        "",
        ". >= 0 and . <= 1",
    ),
    ("select_one burials", "burial", ("What could have been found", "찾을 수 있었던 것"), ("", ""), "", ""),
    ("select_one outcomes", "outcome", ("Outcome", "결과"), ("", ""), "yes", ""),
    ("text", "note", ("Anything else", "그 밖의 것"), ("", ""), "", ""),
)


def search_form(programme: Programme) -> bytes:
    """The form for searches, as an XLSForm workbook: the sites of the programme are its choices.

    Raises
    ------
    Nonsense
        If the programme has no sites, so that there is nothing to choose.
    """
    from openpyxl import Workbook

    if not programme.sites:
        raise Nonsense(f"{programme.settings.name!r} has no sites: a form has nothing to choose from")
    book = Workbook()
    survey = book.active
    survey.title = "survey"
    survey.append(["type", "name", *_LABELS, *_HINTS, "required", "relevant", "constraint", "calculation"])
    survey.append(["calculate", "uuid", "", "", "", "", "", "", "", "once(uuid())"])
    for kind, name, label, hint, required, constraint in _QUESTIONS:
        relevant = "${site_id} = 'other'" if name == "other_site" else ""
        survey.append([kind, name, *label, *hint, required, relevant, constraint, ""])
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", *_LABELS])
    for site in programme.sites:
        shown = f"{site.site_id} {site.name}".strip()
        choices.append(["sites", site.site_id, shown, shown])
    choices.append(["sites", "other", "other", "목록에 없음"])
    for kind, words in _BURIALS.items():
        choices.append(["burials", kind.value, *words])
    for outcome, words in _OUTCOMES.items():
        choices.append(["outcomes", outcome.value, *words])
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id", "version", "default_language", "instance_name"])
    title = f"{programme.settings.name}: search"
    settings.append(
        [title, "homeward_search", programme.digest[7:19] or "1", LANGUAGES[0], "concat(${site_id}, ' ', ${date})"]
    )
    text = io.BytesIO()
    book.save(text)
    return text.getvalue()
