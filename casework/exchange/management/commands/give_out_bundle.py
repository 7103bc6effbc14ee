"""Write a sealed bundle of a party's statements for another party."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework.exchange import outgoing
from casework.frame import in_words
from casework.parties.models import Operator, Party
from casework.parties.refusal import Refused


class Command(BaseCommand):
    help = "Write what was said about some subjects into a sealed bundle for another party."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path)
        parser.add_argument("--party", required=True, help="code of the party that gives it out")
        parser.add_argument("--to", required=True, help="code of the party it is for")
        parser.add_argument("--about", action="append", default=[], help="a subject; all if none is given")
        parser.add_argument("--anchors", type=Path, help="write what is pinned and cosigned here as well")

    def handle(
        self, *args: Any, out: Path, party: str, to: str, about: list[str], anchors: Path | None, **options: Any
    ) -> None:
        giver = Party.objects.filter(code=party, hosted=True).first()
        receiver = Party.objects.filter(code=to).first()
        if giver is None or receiver is None:
            raise CommandError(f"No party {party if giver is None else to} is known here.")
        if out.exists():
            raise CommandError(f"{out} is there already.")
        by = Operator(giver)
        try:
            chosen = about or [subject for subject, _number in outgoing.subjects(by=by, to=receiver)]
            given = outgoing.give_out(by=by, to=receiver, about=chosen)
            out.write_bytes(given.data)
            if anchors is not None:
                anchors.write_bytes(outgoing.anchors_file(by=by))
        except Refused as refused:
            raise CommandError(in_words(refused.code, "refusals")) from None
        except OSError as problem:
            raise CommandError(f"The file could not be written: {problem.strerror}.") from None
        self.stdout.write(f"{out}: {given.parcel.contents['statements']} statements for {receiver.name}")
