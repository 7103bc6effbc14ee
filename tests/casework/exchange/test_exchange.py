"""Bringing a programme in: first only read, then all or nothing; and taking it out the same."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from casework.exchange import actions
from casework.exchange.models import Delivery, State
from casework.journal.models import Record
from casework.laboratory.models import Profile
from casework.laboratory.records import programme_of
from casework.parties.refusal import Refused
from casework.registry.models import MissingPerson
from homeward.formats.folder import read_programme, write_programme
from homeward.programme import Haplotype, HaplotypeCount, LineageKind, SnpMarker, SnpProfile
from homeward.programme import MissingPerson as Person
from tests.casework.programmes import EVIDENCE, small

pytestmark = pytest.mark.django_db


def upload(programme, folder: Path, container: str = "zip") -> SimpleUploadedFile:
    path = folder / f"programme.{container}"
    write_programme(programme, path, container=container)
    content = path.read_bytes()
    path.unlink()
    return SimpleUploadedFile(path.name, content)


@pytest.fixture
def registrar(admit, arvad):
    return admit(arvad, "registrar", "dna_analyst")


@pytest.mark.parametrize("container", ["zip", "xlsx"])
def test_what_is_brought_in_and_taken_out_again_has_the_same_digest(container, registrar, tmp_path):
    delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path, container))
    actions.bring_in(by=registrar, delivery=delivery)

    taken = actions.give_out(by=registrar, container=container)

    assert delivery.digest
    assert read_programme(taken).programme.digest == delivery.digest


def test_snps_of_a_file_are_brought_in_and_taken_out_again(registrar, arvad, tmp_path):
    given = small(
        snp_panel=(SnpMarker(snp="rs1", population="K", frequency=0.25, chromosome="7", position_cm=12.5),),
        snp_profiles=(
            SnpProfile(
                sample_id="S-2",
                subject_id="2024-031-I-02",
                snps=("rs1",),
                log_likelihood=np.array([[-0.1, -2.5, -np.inf]]),
            ),
        ),
    )
    delivery = actions.hand_in(by=registrar, file=upload(given, tmp_path))
    actions.bring_in(by=registrar, delivery=delivery)

    taken = actions.give_out(by=registrar, container="zip")

    assert delivery.rows["snps.csv"] == delivery.rows["snp_panel.csv"] == 1
    assert read_programme(taken).programme.digest == delivery.digest
    assert programme_of(arvad).snp_profiles == given.snp_profiles


def test_bones_teeth_and_comparisons_of_a_file_are_brought_in_and_taken_out_again(registrar, arvad, tmp_path):
    given = small(**EVIDENCE)
    delivery = actions.hand_in(by=registrar, file=upload(given, tmp_path))
    actions.bring_in(by=registrar, delivery=delivery)

    taken = read_programme(actions.give_out(by=registrar, container="zip")).programme

    assert delivery.new_rows["comparisons"] == delivery.new_rows["traits"] == 1
    assert taken.digest == delivery.digest
    for name in EVIDENCE:
        assert getattr(taken, name) == getattr(given, name), name


def test_evidence_that_says_otherwise_is_a_conflict_and_what_we_have_is_not_entered_twice(registrar, arvad, tmp_path):
    first = actions.hand_in(by=registrar, file=upload(small(**EVIDENCE), tmp_path))
    actions.bring_in(by=registrar, delivery=first)
    (measured,) = EVIDENCE["measurements"]
    other = small(**{**EVIDENCE, "measurements": (replace(measured, mm=460.0),)})

    delivery = actions.hand_in(by=registrar, file=upload(other, tmp_path))

    assert delivery.new_rows["specimens"] == delivery.new_rows["dental"] == 0
    assert delivery.conflicts == [["measurements", "2024-031-007, Fem_01"]]


def test_haplotypes_of_a_file_are_brought_in_and_taken_out_again(registrar, arvad, tmp_path):
    mt = LineageKind.MITOCHONDRIAL
    given = small(
        haplotypes=(
            Haplotype(sample_id="S-R-2207", subject_id="R-2207", kind=mt, range="CR", haplotype="263G 315.1C"),
            Haplotype(sample_id="S-9", subject_id="2024-031-I-02", kind=LineageKind.Y, haplotype="DYS19=14"),
        ),
        haplotype_counts=(
            HaplotypeCount(kind=mt, range="CR", haplotype="263G 315.1C", population="K", count=2, database_size=5000),
        ),
    )
    delivery = actions.hand_in(by=registrar, file=upload(given, tmp_path))
    actions.bring_in(by=registrar, delivery=delivery)

    taken = actions.give_out(by=registrar, container="zip")

    assert (delivery.rows["lineage.csv"], delivery.rows["lineage_frequencies.csv"]) == (2, 1)
    assert read_programme(taken).programme.digest == delivery.digest
    assert programme_of(arvad).haplotype_counts == given.haplotype_counts


def test_handing_in_brings_nothing_in(registrar, tmp_path):
    delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path))

    assert delivery.state == State.ACCEPTED
    assert delivery.rows["missing.csv"] == 4
    assert not MissingPerson.objects.exists()


def test_bringing_in_enters_every_row_once_writes_the_journal_and_removes_the_file(registrar, tmp_path, settings):
    delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path))

    actions.bring_in(by=registrar, delivery=delivery)

    assert MissingPerson.objects.count() == 4
    assert Profile.objects.count() == 3
    record = Record.objects.first()
    assert (record.verb, record.object) == ("exchange.bring_in", f"delivery:{delivery.pk}")
    assert record.values["programme"] == delivery.digest
    assert list(Path(settings.UPLOADS).iterdir()) == []


def test_each_rejected_row_is_shown_with_where_what_and_why(registrar, browse, tmp_path):
    file = upload(small(), tmp_path)
    faulty = tmp_path / "faulty.zip"
    with zipfile.ZipFile(file) as given, zipfile.ZipFile(faulty, "w") as changed:
        for name in given.namelist():
            content = given.read(name)
            if name.endswith("pedigrees.csv"):
                content = content.replace(b"P1,P2,M,,M-03217", b"P2,P1,M,,M-03217")
            changed.writestr(name, content)
    client = browse(registrar)

    page = client.post("/exchange/", {"file": SimpleUploadedFile("faulty.zip", faulty.read_bytes())}, follow=True).text

    assert "pedigrees.csv" in page
    assert "a woman cannot be the father" in page
    assert "Bring in every row" not in page
    assert not MissingPerson.objects.exists()


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 1000, b"PK\x03\x04 not really"])
def test_a_file_that_is_no_programme_is_refused_with_a_reason(content, registrar):
    delivery = actions.hand_in(by=registrar, file=SimpleUploadedFile("x.zip", content))

    assert delivery.state == State.REJECTED
    assert delivery.faults[0]["reason"]


def test_only_zip_and_workbooks_are_taken(registrar):
    with pytest.raises(Refused) as refused:
        actions.hand_in(by=registrar, file=SimpleUploadedFile("x.exe", b"MZ"))

    assert refused.value.code == "not-a-container"


def test_the_same_file_again_changes_nothing(registrar, tmp_path):
    for _time in range(2):
        delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path))
        actions.bring_in(by=registrar, delivery=delivery)

    assert delivery.new_rows["missing"] == 0
    assert MissingPerson.objects.count() == 4


def test_more_rows_are_added_to_what_is_held(registrar, arvad, tmp_path):
    programme = small()
    more = replace(programme, missing=(*programme.missing, Person(person_id="M-9")))
    for given in (programme, more):
        actions.bring_in(by=registrar, delivery=actions.hand_in(by=registrar, file=upload(given, tmp_path)))

    assert [person.person_id for person in programme_of(arvad).missing][-1] == "M-9"


def test_a_number_with_different_content_refuses_the_whole_file(registrar, tmp_path):
    programme = small()
    actions.bring_in(by=registrar, delivery=actions.hand_in(by=registrar, file=upload(programme, tmp_path)))
    changed = replace(
        programme,
        missing=(replace(programme.missing[0], given_name="Another"), *programme.missing[1:], Person(person_id="M-9")),
    )

    delivery = actions.hand_in(by=registrar, file=upload(changed, tmp_path))

    assert (delivery.state, delivery.conflicts) == (State.REJECTED, [["missing", "M-03217"]])
    with pytest.raises(Refused):
        actions.bring_in(by=registrar, delivery=delivery)
    assert MissingPerson.objects.count() == 4


def test_a_failure_half_way_leaves_nothing(registrar, tmp_path, monkeypatch):
    delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path))

    def fail(**_rows):
        raise RuntimeError("the power went")

    monkeypatch.setattr("casework.laboratory.actions.enter", fail)
    with pytest.raises(RuntimeError):
        actions.bring_in(by=registrar, delivery=delivery)

    assert not MissingPerson.objects.exists()
    assert not Record.objects.filter(verb="exchange.bring_in").exists()
    assert Delivery.objects.get().state == State.ACCEPTED


def test_a_file_changed_after_it_was_shown_is_not_brought_in(registrar, tmp_path):
    delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path))
    delivery.path.write_bytes(
        upload(small(missing=()[:0], pedigrees=(), samples=(), profiles=(), decisions=(), remains=()), tmp_path).read()
    )

    with pytest.raises(Refused) as refused:
        actions.bring_in(by=registrar, delivery=delivery)

    assert refused.value.code == "file-changed"


def test_a_delivery_is_settled_once(registrar, tmp_path):
    delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path))
    actions.discard(by=registrar, delivery=delivery)

    with pytest.raises(Refused) as refused:
        actions.discard(by=registrar, delivery=delivery)

    assert refused.value.code == "already-settled"
    assert not delivery.path.exists()


@pytest.mark.parametrize("role", ["dna_analyst", "custodian", "observer", "administrator", "authority"])
def test_other_roles_hand_nothing_in_and_take_nothing_out(role, admit, browse, arvad, entered):
    member = admit(arvad, role)

    with pytest.raises(Refused):
        actions.hand_in(by=member, file=SimpleUploadedFile("x.zip", b""))
    with pytest.raises(Refused):
        actions.give_out(by=member)
    assert browse(member).get("/exchange/").status_code == 403


def test_a_registrar_without_the_right_to_profiles_takes_nothing_out(admit, arvad, entered):
    with pytest.raises(Refused) as refused:
        actions.give_out(by=admit(arvad, "registrar"))

    assert refused.value.about == {"permission": "see profiles"}


def test_the_other_side_sees_no_delivery_of_ours(registrar, admit, browse, belmar, tmp_path):
    delivery = actions.hand_in(by=registrar, file=upload(small(), tmp_path))
    client = browse(admit(belmar, "registrar"))

    assert client.get(f"/exchange/{delivery.pk}/").status_code == 404
    assert client.post(f"/exchange/{delivery.pk}/bring-in/").status_code == 404
    assert "programme.zip" not in client.get("/exchange/").text


def test_both_sides_may_hold_the_same_numbers(registrar, admit, belmar, tmp_path):
    other = admit(belmar, "registrar", "dna_analyst")
    for by in (registrar, other):
        actions.bring_in(by=by, delivery=actions.hand_in(by=by, file=upload(small(), tmp_path)))

    assert MissingPerson.objects.filter(person_id="M-03217").count() == 2


def test_a_whole_visit_to_the_pages_hands_in_brings_in_and_takes_out(registrar, browse, tmp_path):
    client = browse(registrar)

    page = client.post("/exchange/", {"file": upload(small(), tmp_path)}, follow=True)
    assert "Every row was accepted" in page.text
    page = client.post(page.request["PATH_INFO"] + "bring-in/", follow=True)
    assert "Every row of this file is in the records" in page.text
    taken = client.post("/exchange/out/", {"container": "zip"})
    assert taken["Content-Disposition"] == 'attachment; filename="arvad.zip"'
    assert b"".join(taken.streaming_content).startswith(b"PK")


def test_the_command_brings_in_a_folder_on_the_server(arvad, tmp_path, capsys):
    write_programme(small(), tmp_path / "korea", container="folder")

    call_command("import_programme", tmp_path / "korea", "--party", "arvad")

    assert MissingPerson.objects.count() == 4
    assert Record.objects.first().actor == "server"
    assert "missing.csv: 4 rows" in capsys.readouterr().out


def test_the_command_refuses_a_faulty_folder_and_says_where(arvad, tmp_path, capsys):
    write_programme(small(), tmp_path / "korea", container="folder")
    missing = tmp_path / "korea" / "missing.csv"
    missing.write_text(missing.read_text().replace("1929-03-11", "1929-13-11"))

    with pytest.raises(CommandError, match="Nothing was brought in"):
        call_command("import_programme", tmp_path / "korea", "--party", "arvad")

    assert "1929-13-11" in capsys.readouterr().err
    assert not MissingPerson.objects.exists()


def test_the_command_only_reads_when_asked_to(arvad, tmp_path):
    write_programme(small(), tmp_path / "korea", container="folder")

    call_command("import_programme", tmp_path / "korea", "--party", "arvad", "--dry-run")

    assert not MissingPerson.objects.exists()
