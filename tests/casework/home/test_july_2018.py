"""The talks and figures of July 2018 as the demonstration enters them."""

from datetime import date

import pytest

from casework.agreements import queries as talks
from casework.agreements.models import SessionState
from casework.custody.models import Transfer
from casework.custody.sealed import account_of
from casework.documents import queries as documents
from casework.figures import actions as figures
from casework.figures.models import Sheet, SheetRevision, State
from casework.home import demonstration, july_2018
from casework.parties.models import Member

pytestmark = pytest.mark.django_db
DAY_12, DAY_27 = date(2018, 7, 12), date(2018, 7, 27)


@pytest.fixture
def entered_july(settings, tmp_path):
    settings.VAR = tmp_path / "var"
    settings.VAR.mkdir()
    demonstration.stage()
    demonstration.talk()
    return Member.objects.get(user__username="maren")


def streams(code):
    content = SheetRevision.objects.get(sheet__code=code, state=State.PUBLISHED).content
    return {
        stream["title"]["en"]: {column: [cell["value"] for cell in cells] for column, cells in stream["cells"].items()}
        for stream in content["streams"]
    }


def headlines(code):
    content = SheetRevision.objects.get(sheet__code=code, state=State.PUBLISHED).content
    return [cell["value"] for cell in content["headlines"]]


def test_the_sheet_of_june_2018_is_reproduced(entered_july):
    assert headlines("progress-2018-06-18") == ["7699", "33", "459"]
    assert streams("progress-2018-06-18") == {
        "Turned over 1990–1994": {"containers": ["208"], "individuals": ["600"], "accounted": ["181"]},
        "Joint operations in the North 1996–2005": {"containers": ["229"], "accounted": ["153"]},
        "Turned over 2007": {"individuals": ["7"]},
        "Disinterred in Hawaii": {"containers": ["189"]},
        "China": {"individuals": ["1"], "accounted": ["1"]},
        "Japan": {"individuals": ["1"], "accounted": ["1"]},
        "South Korea": {"individuals": ["25"], "accounted": ["16"]},
    }


def test_the_sheet_of_april_2022_is_reproduced(entered_july):
    assert headlines("progress-2022-04-01") == ["7544", "612"]
    assert streams("progress-2022-04-01") == {
        "Turned over 1990–1994": {"containers": ["208"], "accounted": ["191"]},
        "Joint operations in the North 1996–2005": {"accounted": ["153"]},
        "Turned over 2018": {"containers": ["55"], "accounted": ["82"]},
        "Disinterred in Hawaii": {"containers": ["501"], "accounted": ["161"]},
    }


def test_each_number_of_a_reproduced_sheet_is_a_claim_with_its_source(entered_july):
    content = SheetRevision.objects.get(sheet__code="progress-2018-06-18").content
    cells = [*content["headlines"], *(c for s in content["streams"] for cells in s["cells"].values() for c in cells)]

    assert {cell["from"] for cell in cells} == {"claim"}
    assert {cell["source"]["dated"] for cell in cells} == {"2018-06-18"}


def test_our_own_sheet_is_counted_from_the_records_alone(entered_july):
    content = SheetRevision.objects.get(sheet__code=july_2018.OWN_SHEET).content
    cells = [*content["headlines"], *(c for s in content["streams"] for cells in s["cells"].values() for c in cells)]

    assert {cell["from"] for cell in cells} == {"records"}
    assert [cell["value"] for cell in cells] == [0, 0, 100, 45, 55, 0, 0]  # no programme is here


def test_the_twelfth_was_not_held_and_the_fifteenth_was_the_first_at_its_level_since_2009(entered_july):
    sessions = {session.day: session for session in talks.sessions(by=entered_july)}

    assert {day: session.state for day, session in sessions.items()} == {
        "2009": SessionState.HELD,
        "2018-07-12": SessionState.NOT_HELD,
        "2018-07-15": SessionState.HELD,
        "2018-07-16": SessionState.HELD,
    }
    assert [party.code for party in sessions["2018-07-12"].absent.all()] == ["belmar"]
    assert sessions["2018-07-15"].instead_of == sessions["2018-07-12"]
    assert talks.first_since(sessions["2018-07-15"]).at_tier == sessions["2009"]


def test_two_sources_differ_on_how_many_cases_were_sent_and_both_stand(entered_july):
    about = documents.claims(by=entered_july, about="transfer:T-2018-01")
    sent = next(matter for matter in documents.side_by_side(about) if matter.topic == "cases sent empty")

    assert sent.differs
    assert sorted(str(version.latest.number) for version in sent.versions) == ["100", "200"]


def test_what_the_talks_were_for_is_told_by_two_sources_in_their_own_words(entered_july):
    about = documents.claims(by=entered_july, about="session:panmunjom-3")

    assert len({claim.value_text for claim in about if claim.topic == "what the talks were for"}) == 2


def test_entered_twice_is_entered_once(entered_july):
    demonstration.talk()

    assert Sheet.objects.count() == 3


def test_a_statement_on_july_says_what_the_records_say_in_both_languages(entered_july):
    revision = figures.draft_statement(by=entered_july, code="july", title="July", since=DAY_12, until=DAY_27)

    assert "12" in revision.content["text"]["en"]
    english = [sentence["en"] for sentence in revision.content["sentences"]]
    assert "The session planned for 2018-07-12 was not held: Belmar did not come." in english
    assert (
        "On 2018-07-15 the parties met at Panmunjom: General level. It was the first session at this level since 2009."
        in english
    )
    assert any("about 100" in sentence and "200" in sentence for sentence in english)
    korean = [sentence["ko"] for sentence in revision.content["sentences"]]
    assert "2018-07-12로 예정된 회담은 열리지 않았습니다. 벨마르 측이 나오지 않았습니다." in korean
    assert any("Of 100 cases sent empty, 55 came back full in transfer T-2018-01" in sentence for sentence in english)
    assert all(sentence["records"] for sentence in revision.content["sentences"])


def test_a_hundred_cases_went_out_and_fifty_five_came_back_full(entered_july):
    transfer = Transfer.objects.get(number="T-2018-01")
    told = account_of(transfer)

    assert transfer.state == "inspected_alone"
    assert told.cases.versions["arvad"] == {
        "issued": 100, "filled": 55, "handed_over": 55, "received": 55, "returned_empty": 0, "unreturned": 45,
    }  # fmt: skip
    assert told.cases.versions["belmar"] == told.cases.versions["arvad"]
    assert not told.faults
    assert [commitment.code for commitment in transfer.fulfils.all()] == ["c-02"]


def test_private_keys_of_the_demonstration_are_files_that_only_their_owner_reads(entered_july, settings):
    files = list((settings.VAR / "demonstration-keys").iterdir())

    assert sorted(file.name for file in files) == ["arvad.key.pem", "belmar.key.pem", "observer.key.pem"]
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
