"""The demonstration: its own parties and people, one programme, one finished run; made once however often asked."""

from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from casework.board.models import Comparison
from casework.exchange.models import Delivery
from casework.home import demonstration
from casework.operations.models import Operation
from casework.parties.models import Member, Party
from casework.runs.models import Run, State
from homeward.formats.folder import read_programme, write_programme
from homeward.programme import SiteStatus
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.scenario import korea_country
from tests.casework.board.conftest import told, write_result

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _installation(settings, tmp_path):
    settings.VAR = tmp_path / "var"
    settings.VAR.mkdir()


@pytest.fixture
def folder(tmp_path):
    programme, _truth = simulate(scaled(scenarios()["korea"], persons=30), seed=3)
    write_programme(programme, tmp_path / "programme")
    return tmp_path / "programme"


@pytest.fixture
def result(folder, tmp_path):
    """A result that says it was computed from exactly this folder."""
    return write_result(tmp_path / "result", told(read_programme(folder).programme.digest))


def test_a_folder_and_its_result_become_a_finished_run_and_twice_is_once(folder, result, settings, client, capsys):
    call_command("demonstrate", str(folder), str(result))
    call_command("demonstrate", str(folder), str(result))

    assert [run.state for run in Run.objects.all()] == [State.FINISHED]
    assert Run.objects.get().case_digest == read_programme(folder).programme.digest
    assert Comparison.objects.count() == 2
    assert Delivery.objects.count() == 1
    assert sorted(Party.objects.values_list("code", flat=True)) == ["arvad", "belmar", "command", "observer"]
    sign_in = settings.VAR / demonstration.SIGN_IN
    password = sign_in.read_text().split("password for all: ")[1].split(")")[0]
    assert password in capsys.readouterr().out
    assert sign_in.stat().st_mode & 0o077 == 0
    signed_in = client.post("/account/sign-in/", {"login": "oresk", "password": password}, follow=True)
    assert "M. Oresk" in signed_in.content.decode()


def test_a_joint_operation_is_planned_at_sites_that_both_approved(tmp_path):
    world = replace(scaled(scenarios()["korea"], persons=40), country=korea_country())
    programme, _truth = simulate(world, seed=3)
    write_programme(programme, tmp_path / "programme")
    other = write_result(tmp_path / "other", told(read_programme(tmp_path / "programme").programme.digest))
    for _time in (1, 2):
        call_command("demonstrate", str(tmp_path / "programme"), str(other))
    approved = [site for site in programme.sites if site.status is SiteStatus.APPROVED]
    planned = Operation.objects.all()
    assert len(planned) == bool(approved)
    for operation in planned:
        assert {site.status for site in operation.sites.all()} == {"approved"}


def test_the_exported_case_has_the_digest_of_the_folder(folder, result):
    call_command("demonstrate", str(folder), str(result))

    assert read_programme(Run.objects.get().case).programme == read_programme(folder).programme


def test_a_result_of_another_case_is_refused_and_no_run_is_left(folder, tmp_path):
    elsewhere = write_result(tmp_path / "elsewhere", told("sha256:of-another-case"))

    with pytest.raises(CommandError, match="belongs to the case"):
        call_command("demonstrate", str(folder), str(elsewhere))

    assert not Run.objects.exists()
    assert not Comparison.objects.exists()


def test_a_real_installation_is_never_made_a_demonstration(arvad, folder, result):
    with pytest.raises(CommandError, match="holds records that are not the demonstration"):
        call_command("demonstrate", str(folder), str(result))

    assert not Member.objects.exists()


def test_an_installation_that_is_served_beyond_its_machine_is_never_made_a_demonstration(folder, result, settings):
    settings.SECURE = True

    with pytest.raises(CommandError, match="not the demonstration"):
        call_command("demonstrate", str(folder), str(result))

    assert not Party.objects.exists()
