"""Bring a programme folder that lies on the server into a party's records."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework.exchange import actions
from casework.exchange.models import State
from casework.frame import in_words
from casework.parties.models import Operator, Party
from casework.parties.refusal import Refused


class Command(BaseCommand):
    help = "Read a programme folder, .zip or .xlsx; print every fault; bring it in if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--party", required=True, help="code of the party that will hold the records")
        parser.add_argument("--dry-run", action="store_true", help="only read and report")

    def handle(self, *args: Any, path: Path, party: str, dry_run: bool, **options: Any) -> None:
        if not path.exists():
            raise CommandError(f"There is no {path}.")
        holder = Party.objects.filter(code=party).first()
        if holder is None:
            raise CommandError(f"There is no party {party}. Found it first: manage.py found_party {party} NAME")
        by = Operator(holder)
        try:
            delivery = actions.import_path(by=by, path=path, bring=not dry_run)
        except Refused as refused:
            raise CommandError(in_words(refused.code, "refusals")) from None
        for fault in delivery.faults:
            where = fault["file"] if fault["line"] is None else f"{fault['file']}, line {fault['line']}"
            self.stderr.write(f"{where}, {fault['column']}: {fault['value']!r} {fault['reason']} {fault['remedy']}")
        for file, identifier in delivery.conflicts:
            self.stderr.write(f"{file} {identifier}: the records already have this number with different content")
        for file, number in delivery.rows.items():
            self.stdout.write(f"{file}: {number} rows")
        if delivery.state == State.REJECTED:
            problems = delivery.faults_in_all + delivery.conflicts_in_all
            raise CommandError(f"{problems} rows were not accepted. Nothing was brought in.")
        if delivery.state == State.BROUGHT_IN:
            self.stdout.write(f"Brought in for {holder.name}: {delivery.digest}")
