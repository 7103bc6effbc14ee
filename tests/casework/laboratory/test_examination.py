"""Bones, teeth and comparisons: entered by who may, blind, seen by who may, and taken back without being forgotten."""

import pytest

from casework.journal.models import Record
from casework.laboratory import actions, models, queries, records
from casework.laboratory.teeth import jaws
from casework.parties.refusal import Refused
from casework.registry import actions as registry
from homeward.formats.folder import read_programme, write_programme
from tests.casework.programmes import EVIDENCE, small

pytestmark = pytest.mark.django_db

REMAINS = "2024-031-I-02"
PAGE = f"/laboratory/remains/{REMAINS}/"
BONE = {"specimen_id": "B-1", "element": "Femur", "side": "left", "zones": "1 2", "completeness": "0.5"}


@pytest.fixture
def given(arvad):
    programme = small(**EVIDENCE)
    actions.set_programme(holder=arvad, rows=programme)
    registry.enter(holder=arvad, missing=programme.missing, incidents=programme.incidents, families=programme.pedigrees)
    actions.enter(holder=arvad, rows=programme)
    return programme


@pytest.fixture
def anthropologist(admit, arvad):
    return admit(arvad, "anthropologist")


@pytest.fixture
def remains(arvad, given):
    return models.Remains.objects.get(holder=arvad, remains_id=REMAINS)


def main_of(page):
    return page.text.split("<main")[1].split("</main")[0]


def test_every_record_of_evidence_comes_back_as_it_was_entered(arvad, given):
    programme = records.programme_of(arvad)

    for name in EVIDENCE:
        assert getattr(programme, name) == getattr(given, name), name


# --- what is seen ---


def test_the_page_of_remains_shows_bones_teeth_and_observations(browse, anthropologist, given):
    page = main_of(browse(anthropologist).get(PAGE))

    assert "2024-031-007" in page
    assert "<code>Fem_01</code> 455.5\n" in page.replace(" <a", "\n<a")
    assert "<td>MOD-S</td>" in page
    assert "suchey_brooks" in page


@pytest.mark.parametrize("address", [PAGE, "/laboratory/boxes/C-0388/", "/laboratory/remains/", f"{PAGE}add/specimen/"])
def test_who_examines_is_never_told_whose_the_remains_are_said_to_be(browse, anthropologist, given, address):
    page = browse(anthropologist).get(address)

    assert page.status_code == 200
    assert "M-02980" not in page.text
    assert "label on the box" not in page.text


def test_a_custodian_sees_the_claim(admit, browse, arvad, given):
    assert "M-02980" in browse(admit(arvad, "custodian")).get(PAGE).text


def test_a_recorded_comparison_is_seen_by_the_board_and_withheld_from_who_examines(
    admit, browse, arvad, anthropologist, given
):
    board = main_of(browse(admit(arvad, "board_member")).get(PAGE))
    blind = main_of(browse(anthropologist).get(PAGE))

    assert "Dr. Sen" in board
    assert "2 of 400" in board
    assert "M-03217" in board
    assert "Dr. Sen" not in blind
    assert "M-03217" not in blind
    assert "One comparison is withheld from your roles." in blind


def test_a_dental_record_is_seen_on_the_persons_page_by_who_may(admit, browse, arvad, given):
    seen = main_of(browse(admit(arvad, "family_liaison")).get("/registry/persons/M-03217/"))
    unseen = main_of(browse(admit(arvad, "negotiator")).get("/registry/persons/M-03217/"))

    assert "Teeth, as recorded in life" in seen
    assert "MOD-S" in seen
    assert "&lt;section" not in seen
    assert "MOD-S" not in unseen


def test_the_pages_stand_in_korean(browse, anthropologist, given):
    client = browse(anthropologist)
    client.cookies["django_language"] = "ko"

    page = main_of(client.get(PAGE))

    assert "뼈 목록과 뼈 계측 코드별 계측값(mm)." in page
    assert "치과 기록표 입력" in main_of(client.get(f"{PAGE}add/chart/"))


def test_teeth_that_differ_between_life_and_death_are_marked(arvad, given):
    charts = list(models.DentalChart.objects.filter(holder=arvad))

    upper, lower = jaws(charts)

    assert [chart.kind for chart, _ in upper.rows] == ["am", "am", "pm"]
    assert [cells[2].differs for _, cells in upper.rows] == [True, False, True]  # tooth 3: V, MOD-S, MOD-S
    assert [cells[13].differs for _, cells in lower.rows] == [False, False, False]  # tooth 19: "/" tells nothing
    assert (upper.teeth[0], upper.teeth[-1], lower.teeth[0], lower.teeth[-1]) == ("1", "16", "32", "17")


# --- what is entered ---


@pytest.mark.parametrize(
    ("what", "filled", "model", "verb"),
    [
        ("specimen", BONE, models.Specimen, "laboratory.enter_specimen"),
        ("chart", {"date": "2024-09", "teeth": "3 MOD-S\n19 X"}, models.DentalChart, "laboratory.enter_chart"),
        ("trait", {"method": "klales", "trait": "VA", "value": "2"}, models.Trait, "laboratory.enter_trait"),
        (
            "comparison",
            {"about": "M-03218", "kind": "radiograph", "method": "clavicle", "verdict": "match"},
            models.Verdict,
            "laboratory.enter_comparison",
        ),
    ],
)
def test_what_an_examiner_enters_is_kept_journalled_and_goes_out(
    browse, arvad, anthropologist, given, tmp_path, what, filled, model, verb
):
    answer = browse(anthropologist).post(f"{PAGE}add/{what}/", filled)

    assert answer.status_code == 302, main_of(answer)
    kept = model.objects.filter(holder=arvad).order_by("-pk")[0]
    assert (kept.entered_by, kept.entered_at is not None) == (anthropologist.actor, True)
    assert Record.objects.first().verb == verb
    write_programme(records.programme_of(arvad), tmp_path / "out")
    assert read_programme(tmp_path / "out").rejected == ()


def test_a_measurement_is_entered_for_a_bone_of_these_remains(browse, arvad, anthropologist, given):
    bone = models.Specimen.objects.get(holder=arvad, specimen_id="2024-031-007")

    answer = browse(anthropologist).post(
        f"{PAGE}add/measurement/", {"specimen": bone.pk, "code": "Fem_02", "mm": "452"}
    )

    assert answer.status_code == 302
    assert models.Measurement.objects.get(holder=arvad, code="Fem_02").mm == 452


def test_a_dental_record_is_entered_by_the_family_liaison(admit, browse, arvad, given):
    liaison = admit(arvad, "family_liaison")

    answer = browse(liaison).post("/laboratory/teeth/M-03218/", {"date": "1949", "teeth": "8 C\n9 V"})

    assert answer.headers["Location"] == "/registry/persons/M-03218/"
    assert models.DentalChart.objects.get(holder=arvad, subject_id="M-03218").teeth == {"8": "C", "9": "V"}


@pytest.mark.parametrize(
    ("what", "filled", "told"),
    [
        ("specimen", {**BONE, "specimen_id": REMAINS}, "Remains or a relative have this number"),
        ("specimen", {**BONE, "specimen_id": "2024-031-007"}, "This is on record already"),
        ("specimen", {**BONE, "zones": "1 12"}, "This bone has the zones 1 to 11."),
        ("specimen", {**BONE, "completeness": "75"}, "less than or equal to 1"),
        ("chart", {"teeth": "46 V"}, "Tooth 46 is of FDI notation; write 30"),
        ("chart", {"teeth": "33 V"}, "Tooth 33 is of FDI notation; write 22"),
        ("chart", {"teeth": "49 V"}, "49 is not a tooth"),
        ("chart", {"teeth": "3 filled"}, "is not a code of WinID or NCIC"),
        ("chart", {"teeth": "3 V\n3 X"}, "Tooth 3 stands twice."),
        ("chart", {"teeth": "3 V", "date": "12.5.2024"}, "Write YYYY, YYYY-MM or YYYY-MM-DD."),
        ("chart", {"teeth": "3 V", "date": "2024-08-02"}, "This is on record already"),
        ("trait", {"method": "suchey_brooks", "trait": "phase", "value": "7"}, "This method reads: 1, 2, 3, 4, 5, 6."),
        ("trait", {"method": "suchey_brooks", "trait": "stage", "value": "3"}, "This method reads: phase."),
        ("comparison", {"about": "M-9", "kind": "trauma", "method": "x", "verdict": "y"}, "Nobody on the list"),
        (
            "comparison",
            {"about": "M-03218", "kind": "radiograph", "method": "clavicle", "verdict": "perhaps"},
            "does not know this verdict",
        ),
        (
            "comparison",
            {"about": "M-03218", "kind": "trauma", "method": "x", "verdict": "y"},
            "How often this method gives its verdicts is not known",
        ),
        ("comparison", {"about": "M-03218", "kind": "trauma", "method": "x", "rank": "3"}, "length of its list"),
        ("comparison", {"about": "M-03218", "kind": "trauma", "method": "x"}, "State a verdict"),
    ],
)
def test_what_is_not_accepted_says_why_beside_the_field(browse, arvad, anthropologist, given, what, filled, told):
    before = Record.objects.count()

    page = browse(anthropologist).post(f"{PAGE}add/{what}/", filled)

    assert page.status_code == 200
    assert told in main_of(page).replace("&#x27;", "'")
    assert Record.objects.count() == before


def test_a_length_in_centimetres_is_questioned(browse, arvad, anthropologist, given):
    bone = models.Specimen.objects.get(holder=arvad, specimen_id="2024-031-007")

    page = browse(anthropologist).post(f"{PAGE}add/measurement/", {"specimen": bone.pk, "code": "Fem_02", "mm": "45"})

    assert "Is it in another unit?" in main_of(page)


@pytest.mark.parametrize("role", ["custodian", "registrar", "dna_analyst", "authority", "observer"])
def test_other_roles_enter_nothing_about_remains(role, admit, browse, arvad, given):
    client = browse(admit(arvad, role))

    assert client.post(f"{PAGE}add/specimen/", BONE).status_code == 403
    assert client.get(f"{PAGE}add/comparison/").status_code == 403
    assert not models.Specimen.objects.filter(specimen_id="B-1").exists()


def test_who_examines_enters_no_dental_record_of_a_person(browse, anthropologist, given):
    assert browse(anthropologist).get("/laboratory/teeth/M-03218/").status_code == 403


def test_the_other_side_enters_nothing_about_ours(admit, browse, belmar, given):
    client = browse(admit(belmar, "anthropologist"))

    assert client.post(f"{PAGE}add/specimen/", BONE).status_code == 404


# --- what is taken back ---


def test_a_record_taken_back_is_gone_and_the_journal_keeps_what_it_said(browse, arvad, anthropologist, given):
    trait = models.Trait.objects.get(holder=arvad)

    answer = browse(anthropologist).post(f"/laboratory/records/trait/{trait.pk}/strike/", {"reason": "wrong remains"})

    assert answer.headers["Location"] == PAGE
    assert not models.Trait.objects.exists()
    record = Record.objects.first()
    assert (record.verb, record.values["reason"]) == ("laboratory.strike", "wrong remains")
    assert record.values["said"]["value"] == "2"


def test_a_bone_with_measurements_is_not_taken_back(browse, arvad, anthropologist, given):
    bone = models.Specimen.objects.get(holder=arvad, specimen_id="2024-031-007")

    page = browse(anthropologist).post(f"/laboratory/records/specimen/{bone.pk}/strike/", {"reason": "no"})

    assert "Take them back first" in main_of(page)
    assert models.Specimen.objects.filter(pk=bone.pk).exists()


@pytest.mark.parametrize(("role", "status"), [("custodian", 403), ("anthropologist", 404), ("board_member", 302)])
def test_a_comparison_is_taken_back_by_who_may_see_it(role, status, admit, browse, arvad, given):
    verdict = models.Verdict.objects.get(holder=arvad)

    answer = browse(admit(arvad, role)).post(f"/laboratory/records/comparison/{verdict.pk}/strike/", {"reason": "no"})

    assert answer.status_code == status


def test_the_action_itself_asks_who_it_is(admit, arvad, remains):
    with pytest.raises(Refused):
        actions.enter_trait(by=admit(arvad, "custodian"), remains=remains, method="m", trait="t", value="1")
    assert queries.traits_of(REMAINS, by=admit(arvad, "observer")).count() == 1
