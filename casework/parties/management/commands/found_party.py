"""Enter a party to the programme, with its first administrator."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from casework.frame import in_words
from casework.parties.actions import admit_member, found_party
from casework.parties.models import Operator, Party
from casework.parties.permissions import Role
from casework.parties.refusal import Refused


class Command(BaseCommand):
    help = "Found a party and make the account of its first administrator, who admits everyone else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="short code in small letters: arvad")
        parser.add_argument("name")
        parser.add_argument("--name-ko", default="", help="the party's name in Korean")
        parser.add_argument("--kind", choices=Party.Kind.values, default="authority")
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--administrator", help="user name of the first administrator")
        who.add_argument(
            "--elsewhere", action="store_true", help="acts at its own installation; here known by what it signed"
        )

    def handle(
        self, *args: Any, code: str, name: str, name_ko: str, kind: str, administrator: str | None, **_: Any
    ) -> None:
        password = administrator and getpass.getpass(f"First password of {administrator} (at least 12 characters): ")
        founding = {"code": code, "name": name, "name_ko": name_ko, "kind": kind}
        try:
            with transaction.atomic():
                party = found_party(by=Operator(), hosted=administrator is not None, **founding)
                roles = [Role.ADMINISTRATOR.value]
                if administrator and password:
                    admit_member(
                        by=Operator(party), party=party, username=administrator, password=password, roles=roles
                    )
        except Refused as refused:
            raise CommandError(in_words(refused.code, "refusals")) from None
        if administrator is None:
            self.stdout.write(f"{name} is known here; it acts at its own installation.")
        else:
            self.stdout.write(f"{name} is founded; {administrator} can sign in and admit its members.")
