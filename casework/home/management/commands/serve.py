"""Serve the application and its background worker together, until interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from casework.home.demonstration import SIGN_IN

MANAGE = Path(__file__).resolve().parents[4] / "manage.py"
PATIENCE = 10.0  # seconds given to a process that was asked to stop


class Command(BaseCommand):
    help = "Serve the application on this machine, with the worker that computes runs beside it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=4, help="requests answered at the same time")

    def handle(self, *_args: Any, address: str, port: int, threads: int, **_options: Any) -> None:
        if address not in (*settings.LOOPBACK, "::1") and not settings.SECURE:
            raise CommandError("Beyond this machine itself only https is served: set HOMEWARD_ORIGIN=https://...")
        call_command("migrate", verbosity=0)
        where = ["--host", address, "--port", str(port), "--workers", "1", "--blocking-threads", str(threads)]
        house = _House(
            server=[
                "-m",
                "granian",
                "--interface",
                "wsgi",
                *where,
                "--log-level",
                "error",
                "casework.wsgi:application",
            ],
            worker=[str(MANAGE), "db_worker", "--interval", "0.5", "--no-startup-delay"],
        )
        self.stdout.write(f"Homeward is at http://{address}:{port}/  (Ctrl-C ends it)")
        sign_in = Path(settings.VAR) / SIGN_IN
        if sign_in.exists():
            self.stdout.write(sign_in.read_text(encoding="utf-8"))
        self.stdout.flush()
        if house.keep():
            raise CommandError("The server has stopped; see above.")


class _House:
    """The web server, and a worker that is started again should it die."""

    def __init__(self, *, server: list[str], worker: list[str]) -> None:
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        self.worker_command = worker
        self.server = _start(server)
        self.worker = _start(worker)

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def keep(self) -> int:
        """Wait until the server ends or someone asks to stop; the exit status of a server that ended by itself."""
        while not self.stopping and self.server.poll() is None:
            if self.worker.poll() is not None:
                time.sleep(1)
                self.worker = _start(self.worker_command)
            time.sleep(0.2)
        status = 0 if self.stopping else self.server.poll() or 1
        # The worker is asked twice: at the first it would finish its run. A run so ended can be asked again.
        for process in (self.server, self.worker, self.worker):
            if process.poll() is None:
                process.terminate()
                time.sleep(0.1)
        for process in (self.server, self.worker):
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
        return status


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    """A Python process of its own session, so that Ctrl-C at the terminal reaches only us."""
    environment = {**os.environ, "HOMEWARD_VAR": str(settings.VAR)}
    return subprocess.Popen([sys.executable, *arguments], cwd=MANAGE.parent, env=environment, start_new_session=True)
