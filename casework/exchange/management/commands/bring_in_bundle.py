"""Verify a sealed bundle that lies on the server and bring it into a party's records."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework.exchange import incoming
from casework.exchange.models import Parcel
from casework.frame import in_words
from casework.parties.models import Operator, Party
from casework.parties.refusal import Refused


class Command(BaseCommand):
    help = "Verify a sealed bundle against what a party knows; print every fault; bring it in if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--party", required=True, help="code of the party that receives it")
        parser.add_argument("--dry-run", action="store_true", help="only verify and report")

    def handle(self, *args: Any, path: Path, party: str, dry_run: bool, **options: Any) -> None:
        receiver = Party.objects.filter(code=party, hosted=True).first()
        if receiver is None:
            raise CommandError(f"No party {party} acts at this installation.")
        try:
            data = path.read_bytes()
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}.") from None
        by = Operator(receiver)
        try:
            parcel = incoming.take(by=by, data=data, name=path.name)
            self._report(parcel)
            if not dry_run:
                incoming.bring_in(by=by, parcel=parcel)
        except Refused as refused:
            raise CommandError(in_words(refused.code, "refusals")) from None
        if not dry_run:
            self.stdout.write(f"Brought in for {receiver.name}: {parcel.digest}")

    def _report(self, parcel: Parcel) -> None:
        self.stdout.write(f"{parcel.name}: {parcel.verdict}, from {parcel.other or 'nobody named'}")
        for fault in parcel.faults:
            where = " ".join(filter(None, (fault["file"], fault["statement"], fault["signature"])))
            self.stderr.write(f"{fault['code']}: {where}: {fault['reason']}")
        if parcel.state != Parcel.State.READ:
            raise CommandError(f"{parcel.faults_in_all} faults. Nothing was brought in.")
        units = ("statement", "signature", "document", "opening")
        for name, unit in ((f"{unit}s", unit) for unit in units):
            number = parcel.contents[name]
            self.stdout.write(f"{number} {unit if number == 1 else name} new")
