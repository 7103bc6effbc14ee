"""Serve the application and its background worker together, until either is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

PATIENCE = 10.0  # seconds given to a process that was asked to stop


class Command(BaseCommand):
    help = "Serve the application on this machine, with the worker that computes runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=4, help="requests answered at the same time")

    def handle(self, *, address: str, port: int, threads: int, **_options: Any) -> None:
        if address not in (*settings.LOOPBACK, "::1") and not settings.SECURE:
            raise CommandError("Beyond this machine itself only https is served: set HOMEWARD_ORIGIN=https://...")
        call_command("migrate", verbosity=0)
        house = _House(
            server=[sys.executable, "-m", "granian", "--interface", "wsgi", "--host", address, "--port", str(port),
                    "--workers", "1", "--blocking-threads", str(threads), "--log-level", "warning",
                    "casework.wsgi:application"],
            worker=[sys.executable, sys.argv[0], "db_worker", "--interval", "0.5", "--no-startup-delay"],
        )  # fmt: skip
        self.stdout.write(f"Homeward is at http://{address}:{port}/  (Ctrl-C stops it)")
        sign_in = settings.VAR / "demonstration.txt"
        if sign_in.exists():
            self.stdout.write(sign_in.read_text(encoding="utf-8"))
        self.stdout.flush()
        sys.exit(house.keep())


class _House:
    """The web server, and a worker that is started again should it die."""

    def __init__(self, *, server: list[str], worker: list[str]) -> None:
        self.worker_command = worker
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "casework.settings"}
        self.server = subprocess.Popen(server, env=environment, start_new_session=True)
        self.worker = subprocess.Popen(worker, env=environment, start_new_session=True)
        self.environment = environment

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def keep(self) -> int:
        """Wait until the server ends or someone asks to stop; give the server's exit status."""
        while not self.stopping and self.server.poll() is None:
            if self.worker.poll() is not None:
                time.sleep(1)
                self.worker = subprocess.Popen(self.worker_command, env=self.environment, start_new_session=True)
            time.sleep(0.2)
        status = self.server.poll() or 0
        # The worker is asked twice: the first time it would finish its run. A run so ended can be asked again.
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
