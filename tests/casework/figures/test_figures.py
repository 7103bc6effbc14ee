"""Public figures: every number a claim or a count; revisions kept; what is published can be checked by anyone."""

import csv
import io
import json
from datetime import date

import pytest

from casework.agreements import actions as talks
from casework.documents import actions as documents
from casework.figures import actions, queries
from casework.figures.models import Column, SheetRevision, State
from casework.journal.models import Record
from casework.parties.refusal import Refused
from homeward.provenance import canonical_json, digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def registrar(admit, arvad):
    return admit(arvad, "registrar", "negotiator")


@pytest.fixture
def sheet(registrar, entered):
    """A sheet with one counted and one claimed number in a stream, and a counted headline."""
    claim(registrar, "cases", 200)
    made = actions.lay_out_sheet(
        by=registrar, code="progress", title="Progress", title_ko="경과", publisher="Arvad", publisher_ko="아르바드"
    )
    actions.set_footnote(
        by=registrar, sheet=made, mark="a", text="A box is not a person.", text_ko="상자는 사람이 아니다."
    )
    actions.add_stream(by=registrar, sheet=made, title="Found in 2024", accessions=["2024-031"])
    stream = made.streams.get()
    actions.set_cell(by=registrar, sheet=made, column=Column.HEADLINE, measure="unaccounted")
    actions.set_cell(by=registrar, sheet=made, stream=stream, column=Column.CONTAINERS, claim="cases", notes=["a"])
    actions.set_cell(by=registrar, sheet=made, stream=stream, column=Column.INDIVIDUALS, measure="presumed")
    return made


def claim(by, code, value, **more):
    source = documents.name_document(by=by, title=f"Report {code}", publisher="A paper", dated="2018-08", public=True)
    return documents.claim(
        by=by, code=code, about="programme", scope="received", claimant="A paper", value=value, unit="containers",
        as_of="2018-08", document=source, **more,
    )  # fmt: skip


def published(by, sheet):
    return actions.publish_sheet(by=by, revision=actions.draw_up_sheet(by=by, sheet=sheet))


def refusal(action, **given):
    with pytest.raises(Refused) as refused:
        action(**given)
    return refused.value.code


def test_a_number_is_counted_from_the_records_or_is_a_claim_with_its_source(registrar, sheet):
    content = actions.draw_up_sheet(by=registrar, sheet=sheet).content

    assert content["headlines"][0] == {
        "from": "records", "notes": [], "qualifier": "exact", "value": 3, "unit": "persons", "measure": "unaccounted",
    }  # fmt: skip
    cells = content["streams"][0]["cells"]
    assert cells["individuals"][0]["value"] == 2  # two of the three remains stand under this accession
    assert cells["containers"][0]["value"] == "200"
    assert cells["containers"][0]["source"]["title"] == "Report cases"


def test_rows_signed_to_be_one_individual_count_once(registrar, sheet, entered):
    from casework.laboratory.models import Remains

    Remains.objects.filter(remains_id="2024-031-I-03").update(same_as="2024-031-I-02")

    content = actions.draw_up_sheet(by=registrar, sheet=sheet).content

    assert content["streams"][0]["cells"]["individuals"][0]["value"] == 1


def test_a_rescinded_identification_is_not_counted(registrar, entered, arvad):
    from casework.figures.measures import Scope, count
    from casework.laboratory.models import EarlierDecision

    def decided(outcome):
        EarlierDecision.objects.create(
            holder=arvad, remains_id="2024-031-I-02", about="M-02980", outcome=outcome, absent={}, extra={}
        )
        return count("accounted", Scope(arvad, accessions=["2024-031"]))

    assert [decided("identified"), decided("rescinded"), decided("identified")] == [1, 0, 1]


def test_both_sides_numbers_can_stand_in_one_cell(registrar, sheet):
    claim(registrar, "theirs", 210)
    actions.set_cell(
        by=registrar, sheet=sheet, stream=sheet.streams.get(), column=Column.CONTAINERS, claim="theirs", beside=True
    )

    cells = actions.draw_up_sheet(by=registrar, sheet=sheet).content["streams"][0]["cells"]["containers"]

    assert [cell["value"] for cell in cells] == ["200", "210"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"column": "headline"}, "claim-or-count"),
        ({"column": "headline", "measure": "unaccounted", "claim": "cases"}, "claim-or-count"),
        ({"column": "containers", "measure": "containers"}, "headline-or-stream"),
        ({"column": "headline", "claim": "nowhere"}, "claim-gone"),
        ({"column": "headline", "measure": "unaccounted", "notes": ["z"]}, "footnote-unknown"),
    ],
)
def test_a_number_without_a_source_is_refused(registrar, sheet, given, code):
    assert refusal(actions.set_cell, by=registrar, sheet=sheet, **given) == code


def test_in_a_reproduced_sheet_nothing_is_counted(registrar):
    other = actions.lay_out_sheet(
        by=registrar, code="theirs", title="Theirs", publisher="An agency", reproduces="Sheet of June 2018"
    )

    given = {"by": registrar, "sheet": other, "column": Column.HEADLINE, "measure": "unaccounted"}
    assert refusal(actions.set_cell, **given) == "reproduced-are-claims"


def test_what_was_published_stays_when_the_records_change(registrar, sheet, entered):
    from casework.registry.models import MissingPerson

    first = published(registrar, sheet)
    MissingPerson.objects.filter(person_id="M-03217").update(status="accounted_for")
    second = published(registrar, sheet)

    first.refresh_from_db()
    assert (first.state, second.state) == (State.SUPERSEDED, State.PUBLISHED)
    assert [one.content["headlines"][0]["value"] for one in (first, second)] == [3, 2]


def test_the_digest_is_that_of_the_content_file(registrar, sheet, client):
    revision = published(registrar, sheet)

    file = client.get("/figures/public/arvad/sheets/progress/1.json")

    assert digest(file.content) == revision.digest == digest(canonical_json(json.loads(file.content)).encode())


def test_anyone_reads_what_is_published_and_nothing_else(registrar, sheet, client):
    actions.draw_up_sheet(by=registrar, sheet=sheet)
    assert client.get("/figures/public/arvad/sheets/progress/").status_code == 404

    published(registrar, sheet)

    page = client.get("/figures/public/arvad/sheets/progress/").content.decode()
    assert "A box is not a person." in page
    assert "claim of A paper" in page
    assert "Signed in" not in page
    assert client.get("/figures/public/arvad/sheets/progress/1/").status_code == 404  # the draft before it
    assert client.get("/figures/").status_code == 302


def test_a_digest_from_paper_is_looked_up_with_or_without_its_blanks(registrar, sheet, client):
    revision = published(registrar, sheet)
    spaced = " ".join([revision.digest[7 + at : 11 + at] for at in range(0, 64, 4)])

    assert "Yes: Progress, revision 1." in client.get("/figures/public/", {"digest": spaced.upper()}).content.decode()
    assert "No. Nothing with this digest" in client.get("/figures/public/", {"digest": "00"}).content.decode()


def test_the_table_for_spreadsheets_has_a_row_for_each_number(registrar, sheet, client):
    published(registrar, sheet)

    text = client.get("/figures/public/arvad/sheets/progress/1.csv").content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["column"], row["value"], row["from"]) for row in rows[:3]] == [
        ("headline", "3", "records"), ("containers", "200", "claim"), ("individuals", "2", "records"),
    ]  # fmt: skip
    assert rows[1]["source_title"] == "Report cases"


def test_a_withdrawn_sheet_says_so_and_why(registrar, sheet, client):
    revision = published(registrar, sheet)
    assert refusal(actions.withdraw_sheet, by=registrar, revision=revision, reason=" ") == "reason-wanted"

    actions.withdraw_sheet(by=registrar, revision=revision, reason="A row was counted twice.")

    page = client.get("/figures/public/arvad/sheets/progress/1/").content.decode()
    assert "This sheet was withdrawn: A row was counted twice." in page


def test_only_who_may_publish_changes_a_sheet_and_the_other_side_does_not_see_it(admit, arvad, belmar, sheet, browse):
    reader, other = admit(arvad, "custodian"), admit(belmar, "registrar", "authority")

    assert refusal(actions.draw_up_sheet, by=reader, sheet=sheet) == "not-permitted"
    assert refusal(actions.draw_up_sheet, by=other, sheet=sheet) == "not-found"
    assert refusal(queries.sheet, code="progress", by=other) == "not-found"
    assert browse(other).get("/figures/sheets/progress/").status_code == 404


def test_every_act_is_in_the_journal(registrar, sheet):
    published(registrar, sheet)

    verbs = list(Record.objects.filter(verb__startswith="figures.").order_by("number").values_list("verb", flat=True))
    assert verbs[0] == "figures.lay_out_sheet"
    assert verbs[-2:] == ["figures.draw_up_sheet", "figures.publish_sheet"]


def test_the_pages_lay_out_draw_up_and_publish(registrar, entered, browse):
    browser = browse(registrar)
    laid = {"code": "weekly", "title": "Weekly", "publisher": "Arvad"}
    assert browser.post("/figures/sheets/new/", laid).status_code == 302
    again = browser.post("/figures/sheets/new/", laid)
    assert "This code is in use already." in again.content.decode()
    browser.post("/figures/sheets/weekly/stream/", {"title": "All", "accessions": "2024-031; 2017-044"})
    browser.post("/figures/sheets/weekly/footnote/", {"mark": "a", "text": "Counted on the day."})
    browser.post("/figures/sheets/weekly/number/", {"column": "headline", "measure": "unaccounted", "notes": "a"})
    refused = browser.post("/figures/sheets/weekly/number/", {"column": "headline"})
    assert "either a claim or a count" in refused.content.decode()
    browser.post("/figures/sheets/weekly/draw-up/")
    browser.post("/figures/sheets/weekly/1/publish/")

    assert SheetRevision.objects.get().state == State.PUBLISHED
    assert "Counted on the day." in browser.get("/figures/sheets/weekly/").content.decode()


@pytest.fixture
def july(registrar, belmar):
    forum = talks.open_forum(
        by=registrar, code="forum", name="Talks", name_ko="회담", sides=[registrar.party, belmar],
        tiers=[("general", "General level", "장성급")],
    )  # fmt: skip
    talks.enter_session(by=registrar, forum=forum, day="2018-07-15", tier=forum.tiers.get(), place="The crossing")


JULY = {"since": date(2018, 7, 1), "until": date(2018, 7, 31)}


def test_a_statement_is_drafted_from_the_records_and_put_in_other_words(registrar, july, browse, client):
    draft = actions.draft_statement(by=registrar, code="july", title="July", **JULY)
    assert draft.content["text"]["en"] == "On 2018-07-15 the parties met at The crossing: General level."
    assert draft.content["text"]["ko"] == "2018-07-15 당사자들이 The crossing에서 만났습니다(장성급)."

    edited = actions.edit_statement(by=registrar, revision=draft, en="They met.", ko="만났습니다.", reason="Shorter.")
    actions.publish_statement(by=registrar, revision=edited)

    page = browse(registrar).get("/figures/statements/july/").content.decode()
    assert "put in other words by hand" in page
    assert "On 2018-07-15 the parties met" in page  # as drafted, with the records, beside the words chosen
    assert "They met." in client.get("/figures/public/arvad/statements/july/").content.decode()


def test_a_statement_needs_something_to_say_and_both_languages(registrar, july):
    nothing = {"since": date(2017, 1, 1), "until": date(2017, 2, 1)}
    assert refusal(actions.draft_statement, by=registrar, code="x", title="X", **nothing) == "nothing-happened"
    reversed_span = {"since": date(2018, 8, 1), "until": date(2018, 7, 1)}
    assert refusal(actions.draft_statement, by=registrar, code="x", title="X", **reversed_span) == "span-reversed"
    draft = actions.draft_statement(by=registrar, code="july", title="July", **JULY)
    given = {"by": registrar, "revision": draft, "en": "They met.", "ko": " ", "reason": ""}
    assert refusal(actions.edit_statement, **given) == "both-languages"


def test_the_pages_of_a_statement_draft_edit_and_publish(registrar, july, browse):
    browser = browse(registrar)
    drafted = {"code": "july", "title": "July", "since": "2018-07-01", "until": "2018-07-31"}
    assert browser.post("/figures/statements/new/", drafted).status_code == 302
    browser.post("/figures/statements/july/edit/", {"en": "They met.", "ko": "만났습니다.", "reason": "Shorter."})
    browser.post("/figures/statements/july/redraft/", {"reason": "Back to the records."})
    browser.post("/figures/statements/july/3/publish/")
    browser.post("/figures/statements/july/3/withdraw/", {"reason": "Too early."})

    page = browser.get("/figures/public/arvad/statements/july/3/").content.decode()
    assert "This statement was withdrawn: Too early." in page


def test_the_page_for_the_wall_names_who_claims_what_in_both_languages(registrar, sheet):
    from casework.figures.paper import sheet_for_paper

    revision = published(registrar, sheet)

    paper = sheet_for_paper(revision.content, programme="Arvad", digest=revision.digest)

    cells = paper.rows[0].cells
    assert [cell.mark for cell in cells] == ["claim", "record", "none"]
    assert cells[0].notes == ("a", "b")
    assert paper.footnotes[1].text == {
        "en": "Claim of A paper: Report cases, A paper, 2018-08",
        "ko": "A paper의 주장: Report cases, A paper, 2018-08",
    }
    assert paper.lead["en"] == "persons on the list who are unaccounted for: 3."


def test_the_pdf_is_there_for_anyone(registrar, sheet, client):
    published(registrar, sheet)

    assert client.get("/figures/public/arvad/sheets/progress/1.pdf").content.startswith(b"%PDF-")
