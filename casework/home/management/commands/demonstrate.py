"""Show a programme folder and its result in an installation of its own, with a demonstration sign-in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from casework.frame import in_words
from casework.home import demonstration
from casework.parties.refusal import Refused
from homeward.cli.showing import progress_bar
from homeward.errors import HomewardError

REFUSALS = {
    "not-a-demonstration": "This installation holds records that are not the demonstration's. "
    "Set HOMEWARD_VAR to a new folder.",
    "another-demonstration": "This installation shows another programme already. "
    "Remove its folder, or set HOMEWARD_VAR to a new one.",
    "demonstration-failed": "The identification did not finish.",
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a programme folder, as `homeward simulate` writes it")
        parser.add_argument(
            "result", type=Path, help="what `homeward identify FOLDER --out RESULT` wrote; else it is computed"
        )

    def handle(self, *, folder: Path, result: Path, **_options: Any) -> None:
        call_command("migrate", verbosity=0)
        try:
            with progress_bar(quiet=False) as tick:
                party = demonstration.stage()
                delivery = demonstration.bring_in(party, folder, tick=tick)
                run = demonstration.identified(party, result, digest=delivery.digest, tick=tick)
                demonstration.work(party)
                demonstration.talk()
        except Refused as refused:
            words = REFUSALS.get(refused.code) or in_words(refused.code, "refusals")
            raise CommandError(f"{words} {refused.about.get('detail', '')}".strip()) from None
        except HomewardError as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"Run {run.pk} is in the application: {run.summary['remains']:,} remains, "
                          f"{run.summary['persons']:,} missing persons.")  # fmt: skip
        self.stdout.write((settings.VAR / demonstration.SIGN_IN).read_text(encoding="utf-8"))
