"""A house of its own: a fresh installation served as ``make serve`` serves it, with its worker, and a real browser.

Without a browser the journeys are skipped, and said loudly to have been; where CI=true that is a failure.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
NO_BROWSER = "*** NO CHROMIUM HERE: THE JOURNEYS WERE NOT TAKEN. Install the package chromium. ***"


def pytest_terminal_summary(terminalreporter) -> None:
    if not Path(CHROMIUM).exists():
        terminalreporter.write_line(NO_BROWSER, red=True, bold=True)


@dataclass
class House:
    """A served installation: where it is, and the demonstration's password."""

    address: str
    password: str
    folder: Path
    processes: list[subprocess.Popen] = field(default_factory=list)


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> Iterator[House]:
    """The parties and people of the demonstration, and no records yet."""
    folder = tmp_path_factory.mktemp("house")
    environment = {**os.environ, "HOMEWARD_VAR": str(folder), "HOMEWARD_ORIGIN": "", "PYTHONUNBUFFERED": "1"}
    cache = environment.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba"))
    Path(cache).mkdir(parents=True, exist_ok=True)
    manage = [sys.executable, str(ROOT / "manage.py")]
    staged = "from casework.home.demonstration import stage; stage()"
    subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    subprocess.run([*manage, "shell", "--verbosity", "0", "-c", staged], cwd=ROOT, env=environment, check=True)
    password = re.search(r"password for all: ([\w-]+)", (folder / "demonstration.txt").read_text()).group(1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "serve.log").open("w")
    server = subprocess.Popen(
        [*manage, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/account/sign-in/", folder / "serve.log")
        yield House(f"http://127.0.0.1:{port}", password, folder)
    finally:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(25)
        log.close()


def _wait_for(address: str, log: Path) -> None:
    for _attempt in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            assert answer.status == 200
            return
        time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium():
    if not Path(CHROMIUM).exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium, house):
    """``visitor("oresk")``: a page on which that person has signed in. Every complaint of the browser is a failure."""
    complaints: list[str] = []
    contexts = []

    def signed_in(username: str, *, language: str = "en", width: int = 1280):
        context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=house.address)
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "django_language", "value": language, "url": house.address}])
        page = context.new_page()
        page.on(
            "console",
            lambda message: complaints.append(f"{page.url}: {message.text}") if message.type != "log" else None,
        )
        page.on("pageerror", lambda problem: complaints.append(f"{page.url}: {problem}"))
        page.goto("/account/sign-in/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", house.password)
        page.click("main button.main")
        page.wait_for_url(f"{house.address}/")
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert not complaints
