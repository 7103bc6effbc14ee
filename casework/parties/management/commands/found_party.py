"""Enter a party to the programme, with its first administrator."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from casework.frame import in_words
from casework.parties.actions import admit_member, found_party
from casework.parties.models import Operator
from casework.parties.permissions import Role
from casework.parties.refusal import Refused


class Command(BaseCommand):
    help = "Found a party and make the account of its first administrator, who admits everyone else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="short code in small letters: arvad")
        parser.add_argument("name")
        parser.add_argument("--name-ko", default="", help="the party's name in Korean")
        parser.add_argument("--neutral", action="store_true", help="the neutral between the sides")
        parser.add_argument("--administrator", required=True, help="user name of the first administrator")

    def handle(
        self, *args: Any, code: str, name: str, name_ko: str, neutral: bool, administrator: str, **_: Any
    ) -> None:
        password = getpass.getpass(f"First password of {administrator} (at least 12 characters): ")
        try:
            with transaction.atomic():
                party = found_party(by=Operator(), code=code, name=name, name_ko=name_ko, neutral=neutral)
                roles = [Role.ADMINISTRATOR.value]
                admit_member(by=Operator(party), party=party, username=administrator, password=password, roles=roles)
        except Refused as refused:
            raise CommandError(in_words(refused.code, "refusals")) from None
        self.stdout.write(f"{name} is founded; {administrator} can sign in and admit its members.")
