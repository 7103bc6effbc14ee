"""The verifier for any browser, as a file: the same for everyone, and able to load nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files

from click.testing import CliRunner

from homeward.cli import main
from homeward.seals import page
from homeward.seals.bundle import read_bundle
from homeward.seals.container import read_container
from homeward.seals.page import page_digest, reading_me, verifier_page
from homeward.seals.report import BREAKING, TOLD, UNANCHORING
from tests.homeward.seals.world import exchange

PAGE = verifier_page().decode()


class Elements(HTMLParser):
    """Which elements the page has, and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def inside(tag: str) -> str:
    [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
    return content


def test_it_is_the_same_file_each_time():
    page.verifier_page.cache_clear()
    assert verifier_page().decode() == PAGE
    assert page_digest() == hashlib.sha256(PAGE.encode()).hexdigest()


def test_its_policy_names_its_one_script_and_its_one_style_and_lets_nothing_else_in():
    named = {
        tag: base64.b64encode(hashlib.sha256(inside(tag).encode()).digest()).decode() for tag in ("script", "style")
    }
    policy = (
        f"default-src 'none'; script-src 'sha256-{named['script']}'; style-src 'sha256-{named['style']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in PAGE
    assert PAGE.index("Content-Security-Policy") < PAGE.index("<style>")


def test_it_loads_nothing_and_has_no_scripts_or_styles_in_attributes():
    elements = Elements()
    elements.feed(re.sub(r"<script>.*?</script>|<style>.*?</style>", "", PAGE, flags=re.DOTALL))
    attributes = {name for _, found in elements.found for name in found}
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "src", "href")}
    assert not {tag for tag, _ in elements.found} & {"link", "img", "iframe", "object", "embed", "base"}
    assert not re.search(r"url\(|@import", inside("style"))


def test_its_script_cannot_reach_a_network_or_write_markup():
    ours = "".join(
        source.read_text(encoding="utf-8")
        for source in (files("homeward") / "seals" / "verifier").iterdir()
        if source.name.endswith(".js")
    )
    for forbidden in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "innerHTML",
        "outerHTML",
        "eval(",
        "import(",
    ):
        assert forbidden not in ours
    assert "insertAdjacentHTML" not in ours
    assert "document.write" not in ours


def test_every_module_of_the_folder_is_in_it_as_it_was_written():
    folder = files("homeward") / "seals" / "verifier"
    ours = {source.name for source in folder.iterdir() if source.name.endswith(".js")}
    theirs = {f"vendor/{source.name}" for source in (folder / "vendor").iterdir() if source.name.endswith(".js")}
    assert ours | theirs == set(page._MODULES)
    assert (folder / "merkle.js").read_text(encoding="utf-8").split("\n\n", 3)[3].splitlines()[-2] in PAGE


def test_the_licences_of_what_others_wrote_go_with_it():
    folder = files("homeward") / "seals" / "verifier" / "vendor"
    for name in ("LICENSE-noble-ed25519", "LICENSE-noble-hashes"):
        licence = (folder / name).read_text(encoding="utf-8")
        assert "Permission is hereby granted" in licence
        assert licence in PAGE


def test_every_code_has_words_in_both_languages():
    words = (files("homeward") / "seals" / "verifier" / "words.js").read_text(encoding="utf-8")
    for code in (*BREAKING, *UNANCHORING, *TOLD):
        assert words.count(f'  "{code}": ') == 2, code


def test_a_bundle_carries_it_and_says_how_to_use_it():
    held = read_container(exchange()[0].data)
    assert held["README.txt"] == reading_me()
    assert "homeward seal page --digest" in reading_me().decode()
    assert read_bundle(exchange()[0].data).verifier == held["verify.html"]


def test_the_command_writes_it_and_prints_its_digest(tmp_path):
    out = tmp_path / "verify.html"
    written = CliRunner().invoke(main, ["seal", "page", "--out", str(out)])
    asked = CliRunner().invoke(main, ["seal", "page", "--digest"])
    assert out.read_bytes() == verifier_page()
    assert written.stdout == asked.stdout == f"{page_digest()}\n"


def test_the_command_does_not_write_over_a_file(tmp_path):
    out = tmp_path / "verify.html"
    out.write_bytes(b"mine")
    assert CliRunner().invoke(main, ["seal", "page", "--out", str(out)]).exit_code == 1
    assert out.read_bytes() == b"mine"


def test_the_command_asks_what_it_is_to_do():
    assert CliRunner().invoke(main, ["seal", "page"]).exit_code == 2
