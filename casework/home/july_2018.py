"""The demonstration's talks: what is publicly known of July 2018, entered as a party would enter it.

Arvad sits where the receiving side sat, Belmar where the other did. Quotations, claims and sheets are data
(``july_2018.toml``); what happened is entered here through the same actions as the pages use.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from casework.agreements import actions as talks
from casework.agreements.actions import Words
from casework.agreements.models import Assessment, Commitment, Forum, Session, Tier
from casework.documents import actions as documents
from casework.documents.models import Claim, Document, Quotation, Unit
from casework.figures import actions as figures
from casework.figures.measures import Measure
from casework.figures.models import Column, Sheet
from casework.parties.models import Member, Party

SOURCE = Path(__file__).with_suffix(".toml")
FORUM = "panmunjom"
SEOUL = ZoneInfo("Asia/Seoul")
OWN_SHEET = "progress"
COLUMNS = {"containers": Column.CONTAINERS, "individuals": Column.INDIVIDUALS, "accounted": Column.ACCOUNTED}


@dataclass
class Sources:
    """What has been entered, by the names that ``july_2018.toml`` gives it."""

    documents: dict[str, Document] = field(default_factory=dict)
    quotations: dict[str, Quotation] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)


@dataclass(frozen=True)
class Sides:
    """Who sits where, and who enters it."""

    arvad: Party
    belmar: Party
    command: Party
    observer: Party
    by: Member  # the negotiator of Arvad
    other: Member  # the negotiator of Belmar


def enter(sides: Sides) -> None:
    """Enter everything, once: a demonstration that has its forum already is left as it is."""
    if Forum.objects.filter(code=FORUM).exists():
        return
    known = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    sources = enter_sources(known, by=sides.by)
    forum = _forum(sides)
    _sessions(sides, forum, sources)
    _agreements(sides, sources)


def enter_sources(known: Mapping[str, Any], *, by: Member) -> Sources:
    """Documents, what is quoted from them, and claims; a later claim supersedes the one that it names."""
    sources = Sources()
    for key, document in known["documents"].items():
        sources.documents[key] = documents.name_document(by=by, **document)
    for key, quoted in known["quotations"].items():
        document = sources.documents[quoted["document"]]
        sources.quotations[key] = documents.quote(by=by, **{**quoted, "document": document})
    for claim in known["claims"]:
        given = dict(claim)
        earlier = given.pop("supersedes", "")
        if "document" in given:
            given["document"] = sources.documents[given["document"]]
        if "quotation" in given:
            given["quotation"] = sources.quotations[given["quotation"]]
        made = documents.claim(by=by, **given)
        sources.claims[made.code] = made
        if earlier:
            documents.supersede(by=by, earlier=sources.claims[earlier], later=made, why="A later sheet.")
    return sources


# ---------- Talks ----------


def _forum(sides: Sides) -> Forum:
    forum = talks.open_forum(
        by=sides.by,
        code=FORUM,
        name="Talks at Panmunjom",
        name_ko="판문점 회담",
        about="Arvad sits where the United States sat, Belmar where the DPRK sat. "
        "What is quoted is quoted as published.",
        sides=[sides.arvad, sides.belmar],
        observers=[sides.observer],
        tiers=[("general", "General level", "장성급"), ("working", "Working level", "실무급")],
    )
    talks.enter_mandate(by=sides.by, agent=sides.command, principal=sides.arvad, forum=forum, since="2018-07-15")
    return forum


def _tier(forum: Forum, code: str) -> Tier:
    return forum.tiers.get(code=code)


def _sessions(sides: Sides, forum: Forum, sources: Sources) -> None:
    by, general, working = sides.by, _tier(forum, "general"), _tier(forum, "working")
    talks.enter_session(by=by, forum=forum, day="2009", tier=general, place="Panmunjom")
    first = talks.propose(
        by=by, forum=forum, party=sides.arvad, for_day="2018-07-12", place="Panmunjom", tier=working,
        zone="Asia/Seoul",
    )  # fmt: skip
    talks.answer_proposal(by=by, proposal=first, party=sides.belmar, accepts=True, answered_on="2018-07-07")
    talks.not_held(
        by=by, session=first.session, day="2018-07-12", absent=[sides.belmar], reason=sources.claims["absent-12-july"]
    )
    counter = talks.propose(
        by=by, forum=forum, party=sides.belmar, answers=first, for_day="2018-07-15", place="Panmunjom", tier=general,
        made_on="2018-07-12", zone="Asia/Seoul", asks_for="a general-level officer of the International Command",
        channel="telephone", quotation=sources.quotations["offer"],
    )  # fmt: skip
    talks.answer_proposal(
        by=by, proposal=counter, party=sides.arvad, accepts=True, answered_on="2018-07-12", text="We will be ready."
    )
    _fifteenth(sides, counter.session, sources)
    follow = talks.propose(
        by=by, forum=forum, party=sides.arvad, for_day="2018-07-16", place="Panmunjom", tier=working,
        made_on="2018-07-15", zone="Asia/Seoul", quotation=sources.quotations["next_steps"],
    )  # fmt: skip
    talks.answer_proposal(by=by, proposal=follow, party=sides.belmar, accepts=True, answered_on="2018-07-15")
    talks.add_agenda_item(
        by=by, session=follow.session, text="The next steps, including the transfer of remains already collected",
        language="en", quotation=sources.quotations["next_steps"],
    )  # fmt: skip
    talks.hold(by=by, session=follow.session, day="2018-07-16", zone="Asia/Seoul", place="Panmunjom")


def _fifteenth(sides: Sides, session: Session, sources: Sources) -> None:
    """General level, 10:00 to 12:00 where it met; led for Arvad by an officer of the Command, who wears two hats."""
    by = sides.by
    talks.add_agenda_item(
        by=by, session=session, text="The return of remains", language="en", party=sides.arvad,
        quotation=sources.quotations["first_since"],
    )  # fmt: skip
    talks.hold(
        by=by, session=session, place="Panmunjom", zone="Asia/Seoul",
        starts_at=datetime(2018, 7, 15, 10, 0, tzinfo=SEOUL), ends_at=datetime(2018, 7, 15, 12, 0, tzinfo=SEOUL),
    )  # fmt: skip
    talks.name_delegate(
        by=by, session=session, party=sides.arvad, name="Leader of the side", organisation=sides.command, leads=True,
        rank="major general", office="chief of staff of the Command", quotation=sources.quotations["led_by"],
    )  # fmt: skip
    talks.name_delegate(
        by=by, session=session, party=sides.belmar, name="A general officer", organisation=sides.belmar,
        rank="two-star general", quotation=sources.quotations["two_star"],
    )  # fmt: skip


def _agreements(sides: Sides, sources: Sources) -> None:
    by, both = sides.by, [sides.arvad, sides.belmar]
    summit = talks.enter_agreement(
        by=by, code="summit-2018-06-12", name="Joint statement of the summit", name_ko="정상회담 공동성명",
        kind="summit", parties=both, dated="2018-06-12", source=[sources.documents["summit"]],
    )  # fmt: skip
    words = _in_both(
        sources,
        "summit_4",
        "신원이 이미 확인된 전쟁포로 및 실종자들의 유해를 즉각 송환하는 것을 포함해 유해 발굴을 약속",
    )
    clause = talks.quote_clause(by=by, agreement=summit, number="4", texts=words)
    june = talks.enter_commitment(
        by=by, code="c-01", name="Recovering remains, and immediate return of those already identified",
        name_ko="유해 발굴과 이미 확인된 유해의 즉각 송환", obligors=both, parties=both, agreement=summit,
        clause=clause, stated_on="2018-06-12", texts=words, state="agreed",
    )  # fmt: skip
    fifteenth = Session.objects.get(forum__code=FORUM, day="2018-07-15")
    collected = talks.enter_commitment(
        by=by, code="c-02", name="Transfer of remains already collected", name_ko="이미 수습된 유해의 인도",
        obligors=[sides.belmar], parties=both, session=fifteenth, parent=june, stated_on="2018-07-15",
        measure="cases returned full", measure_ko="채워서 돌려준 상자", unit=Unit.CASES, state="agreed",
        texts=_in_both(sources, "next_steps", "북측에서 이미 수습된 유해의 인도를 포함한 다음 단계를 조율"),
    )  # fmt: skip
    search = talks.enter_commitment(
        by=by, code="c-03", name="Field operations resumed", name_ko="현장 발굴 작업 재개", obligors=both, parties=both,
        session=fifteenth, parent=june, stated_on="2018-07-15", measure="joint operations in the North",
        measure_ko="북측 지역 공동 작업", unit=Unit.OTHER, state="agreed",
        texts=_in_both(
            sources, "search_again", "돌아오지 못한 것으로 추정되는 5,300명을 찾기 위해 현장 작업을 재개하기로 합의"
        ),
    )  # fmt: skip
    _assessed(sides, collected, search)


def _in_both(sources: Sources, quoted: str, korean: str) -> list[Words]:
    """The quoted words, and our own translation marked as such."""
    quotation = sources.quotations[quoted]
    return [
        Words(language="en", text=quotation.text, quotation=quotation, page=quotation.page),
        Words(language="ko", text=korean, original=False),
    ]


def _assessed(sides: Sides, collected: Commitment, search: Commitment) -> None:
    """Each side's own view, side by side."""
    for commitment in (collected, search):
        talks.move_commitment(by=sides.by, commitment=commitment, state="under_way", day="2018-07-16")
    view = Assessment.View
    talks.assess(
        by=sides.by, commitment=collected, view=view.PARTLY_FULFILLED, done=55, as_of="2018-07-27", language="en",
        text="Fifty-five of the cases sent came back full.",
    )  # fmt: skip
    talks.assess(
        by=sides.other, commitment=collected, view=view.FULFILLED, done=55, as_of="2018-07-27", language="en",
        text="What had been collected has been handed over.",
    )  # fmt: skip
    for member in (sides.by, sides.other):
        talks.assess(by=member, commitment=search, view=view.NOT_BEGUN, done=0, as_of="2018-07-27")


# ---------- Figures ----------


def publish_figures(*, by: Member) -> None:
    """Reproduce the two published sheets as claims, draw up our own from the records, and a statement on July."""
    if Sheet.objects.filter(holder=by.party).exists():
        return
    known = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    published = [reproduce(sheet, by=by) for sheet in known["sheets"]]
    figures.publish_sheet(by=by, revision=figures.draw_up_sheet(by=by, sheet=_own_sheet(published, by=by)))


def reproduce(given: Mapping[str, Any], *, by: Member) -> Sheet:
    """A sheet that another published, each number a claim of that publisher."""
    names = ("code", "title", "title_ko", "publisher", "publisher_ko", "reproduces", "as_of")
    sheet = figures.lay_out_sheet(by=by, **{name: given[name] for name in names})
    for mark, (text, text_ko) in given["footnotes"].items():
        figures.set_footnote(by=by, sheet=sheet, mark=mark, text=text, text_ko=text_ko)
    for claim, *notes in given["headlines"]:
        figures.set_cell(by=by, sheet=sheet, column=Column.HEADLINE, claim=claim, notes=notes)
    for line in given["streams"]:
        figures.add_stream(by=by, sheet=sheet, title=line["title"], title_ko=line["title_ko"])
        stream = sheet.streams.last()
        for name, column in COLUMNS.items():
            for number, (claim, *notes) in enumerate(line.get(name, [])):
                figures.set_cell(
                    by=by, sheet=sheet, stream=stream, column=column, claim=claim, notes=notes, beside=number > 0
                )
    figures.publish_sheet(by=by, revision=figures.draw_up_sheet(by=by, sheet=sheet))
    return sheet


def _own_sheet(beside: list[Sheet], *, by: Member) -> Sheet:
    sheet = figures.lay_out_sheet(
        by=by, code=OWN_SHEET, title="Progress of the programme", title_ko="사업 경과", publisher=by.party.name,
        publisher_ko=by.party.name_ko,
    )  # fmt: skip
    for mark, text, text_ko in (
        ("a", "A box is a container as received. It may hold parts of several individuals.",
         "상자는 받은 그대로의 용기이다. 여러 사람의 유해가 들어 있을 수 있다."),
        ("b", "Individuals are what the laboratory presumes; none is a name until an authority has signed.",
         "개체는 감식소의 추정이며, 당국이 서명하기 전에는 누구의 이름도 아니다."),
    ):  # fmt: skip
        figures.set_footnote(by=by, sheet=sheet, mark=mark, text=text, text_ko=text_ko)
    for measure in (Measure.UNACCOUNTED, Measure.ACCOUNTED_ALL, Measure.CASES_ISSUED, Measure.CASES_UNRETURNED):
        figures.set_cell(by=by, sheet=sheet, column=Column.HEADLINE, measure=measure)
    figures.add_stream(
        by=by, sheet=sheet, title="Turned over in July 2018", title_ko="2018년 7월 인도", transfers=["T-2018-01"]
    )
    stream = sheet.streams.get()
    for column, measure, notes in (
        (Column.CONTAINERS, Measure.CONTAINERS, ["a"]),
        (Column.INDIVIDUALS, Measure.PRESUMED, ["b"]),
        (Column.ACCOUNTED, Measure.ACCOUNTED, []),
    ):
        figures.set_cell(by=by, sheet=sheet, stream=stream, column=column, measure=measure, notes=notes)
    figures.read_beside(by=by, sheet=sheet, others=beside)
    return sheet
