"""The standing cast: Arvad and Belmar, the two sides, and the Observer between them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PASSWORD = "a quiet word in winter"
ROOT = Path(__file__).resolve().parents[2]


def pytest_configure() -> None:
    """Compile the Korean sentences as ``make setup`` does, so that a lone ``pytest`` finds them."""
    for source in sorted((ROOT / "casework").glob("**/LC_MESSAGES/django.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as po, tempfile.NamedTemporaryFile(dir=source.parent, delete=False) as mo:
                write_mo(mo, read_po(po, locale="ko"))
            Path(mo.name).replace(compiled)


@pytest.fixture(autouse=True)
def _data_of_a_test(settings, tmp_path):
    """What an installation keeps, its key and uploads among it, goes to a test's own folder; passwords hash quickly."""
    settings.VAR = tmp_path
    settings.UPLOADS = tmp_path / "uploads"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _let_tables_be_emptied_between_tests(monkeypatch) -> None:
    """Tests with a live server empty every table; the guards would refuse, so they step aside for that."""
    from django.db.backends.sqlite3.operations import DatabaseOperations

    from casework.custody import guards as custody
    from casework.journal import guards as journal
    from casework.seals import guards as seals

    plain = DatabaseOperations.sql_flush
    guards = (journal, seals, custody)

    def around_the_guards(self, *args, **kwargs):
        before = [statement for guard in guards for statement in guard.DROP["sqlite"]]
        after = [statement for guard in guards for statement in guard.CREATE["sqlite"]]
        return [*before, *plain(self, *args, **kwargs), *after]

    monkeypatch.setattr(DatabaseOperations, "sql_flush", around_the_guards)


def _party(code: str, name: str, name_ko: str, *, kind: str = "state"):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    return found_party(by=Operator(), code=code, name=name, name_ko=name_ko, kind=kind)


@pytest.fixture
def arvad(db):
    return _party("arvad", "Arvad", "아르바드")


@pytest.fixture
def belmar(db):
    return _party("belmar", "Belmar", "벨마르")


@pytest.fixture
def observer(db):
    return _party("observer", "The Observer", "감시단", kind="neutral")


@pytest.fixture
def admit(db) -> Callable:
    """``admit(arvad, "registrar", "dna_analyst")``: a member of Arvad with these roles."""
    from casework.parties.actions import admit_member
    from casework.parties.models import Operator

    def admitted(party, *roles, username: str = ""):
        username = username or f"{party.code}.{'.'.join(roles)}"
        return admit_member(
            by=Operator(party),
            party=party,
            username=username,
            password=PASSWORD,
            roles=roles,
            full_name=username.title(),
        )

    return admitted


@pytest.fixture
def keyed(admit) -> Callable:
    """``key = keyed(arvad)``: the party's private key, pinned here as the minutes of a session have it.

    The test holds it as the party would on its own machine: ``sign(payload, key)`` is ``homeward seal sign``.
    """
    from casework.parties.actions import pin_key
    from homeward.seals.keys import PrivateKey

    def pinned(party, name: str = ""):
        key = PrivateKey.generate()
        pin_key(
            by=admit(party, "authority", username=f"{party.code}.authority.{key.fingerprint[:8]}"),
            party=party,
            fingerprint=key.fingerprint,
            raw=key.raw_public,
            name=name or f"{party.name}, Accounting Office",
            introduced_in="session:2018-07-16",
        )
        return key

    return pinned


@pytest.fixture
def browse(client) -> Callable:
    """``browse(member)``: a test client signed in as that member."""

    def signed_in(member):
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def entered(arvad):
    """Arvad holds the small programme of ``programmes.py``."""
    from casework.laboratory import actions as laboratory
    from casework.registry import actions as registry
    from tests.casework.programmes import small

    programme = small()
    registry.enter(holder=arvad, missing=programme.missing, incidents=programme.incidents, families=programme.pedigrees)
    laboratory.set_programme(holder=arvad, rows=programme)
    laboratory.enter(holder=arvad, rows=programme)
    return programme
