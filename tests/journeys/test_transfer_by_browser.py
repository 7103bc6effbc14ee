"""From a proposal to a closing, by browser alone: two parties and a neutral, each before a screen of its own.

Arvad sends four empty cases; Belmar fills three and hands them over; one does not arrive and one has a broken
seal. No private key comes near the server: each statement is taken away, signed with ``homeward seal sign`` and
handed in. At the end the Observer, who was never asked to trust anyone, verifies.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.verifier import opened

HOMEWARD = Path(sys.executable).with_name("homeward")
ZONE = "Asia/Seoul"
CODE = "T-JOURNEY-1"
NAMES = {"arvad": "Arvad", "belmar": "Belmar", "observer": "The Observer"}
TRANSFER = f"/custody/transfers/{CODE}/"


def homeward(*arguments: object, status: int = 0) -> str:
    """A command at a party's own machine."""
    environment = {**os.environ, "HOMEWARD_PASSPHRASE": "a long walk home", "COLUMNS": "200"}
    done = subprocess.run(
        [HOMEWARD, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, f"homeward {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
    return done.stdout


class Desk:
    """Whoever sits before one screen, and the folder on a machine of his own where the party's key lies."""

    def __init__(self, page, party: str, folder: Path) -> None:
        self.page, self.party, self.folder = page, party, folder

    @property
    def key(self) -> Path:
        return self.folder / f"{self.party}.key.pem"

    @property
    def public(self) -> Path:
        return self.folder / f"{self.party}.pub.json"

    def make_key(self) -> str:
        """A key pair; its fingerprint as it is read out."""
        shown = homeward(
            "seal", "keygen", "--party", self.party, "--name", "The office", "--out", self.folder / self.party
        )
        return shown.partition("Fingerprint: ")[2].split("\n")[0].strip()

    def fill(self, address: str, **fields: object) -> str:
        """Open a form, fill in what is said, send it; where it led."""
        self.page.goto(address)
        for name, value in fields.items():
            self.enter(name, value)
        return self.send()

    def enter(self, name: str, value: object) -> None:
        """As a person does: a choice by its words, everything else typed."""
        control = self.page.locator(f"main [name='{name}']")
        kind = control.first.evaluate("one => one.type")
        if kind in ("radio", "checkbox"):
            for words in value if isinstance(value, list) else [value]:
                self.page.locator("main label", has_text=words).locator(f"[name='{name}']").check()
        elif kind.startswith("select"):
            control.select_option(str(value))
        elif kind == "file":
            control.set_input_files(str(value))
        else:
            control.fill(str(value))

    def send(self) -> str:
        before = self.page.url
        self.page.locator("main form:not(.seek) button.main").last.click()
        self.page.wait_for_load_state()
        wrong = self.page.locator("main .error").all_text_contents()
        assert not wrong, f"{before}: {wrong}"
        assert self.page.url != before
        return self.page.url

    def download(self, words: str, name: str) -> Path:
        with self.page.expect_download() as waiting:
            self.page.get_by_text(words, exact=True).first.click()
        path = self.folder / name
        waiting.value.save_as(path)
        return path

    def sign(self, address: str) -> None:
        """Take the bytes away, sign them on one's own machine, hand the envelope in."""
        if self.page.url != address:
            self.page.goto(address)
        payload = self.download("Download the statement’s bytes", f"{address.rstrip('/')[-12:]}.statement.json")
        signed = payload.with_suffix(".envelope")
        homeward("seal", "sign", payload, "--key", self.key, "--out", signed)
        self.page.set_input_files("[name=envelope]", signed)
        self.page.click("text=Take in the signature")
        self.page.wait_for_load_state()
        assert not self.page.locator("main .error").count(), self.page.text_content("main")

    def reads(self, address: str = TRANSFER) -> str:
        self.page.goto(address)
        return self.page.text_content("main")


@pytest.fixture
def desks(visitor, tmp_path):
    """The minister's office and the custodian of Arvad, Belmar's mission, and the Observer."""
    folders = {party: tmp_path / party for party in ("arvad", "belmar", "observer")}
    for folder in folders.values():
        folder.mkdir()
    seats = (("maren", "arvad"), ("karsk", "arvad"), ("doran", "belmar"), ("watch", "observer"))
    return [Desk(visitor(name), party, folders[party]) for name, party in seats]


def all_sign(address: str, *desks: Desk) -> None:
    for desk in desks:
        desk.sign(address)


def hold_a_session(maren: Desk, doran: Desk, watch: Desk) -> None:
    """Proposed, accepted, held; each side writes down both fingerprints; each party enters its own key from it."""
    read_out = {desk: desk.make_key() for desk in (maren, doran, watch)}
    sides, forum = ["Arvad", "Belmar"], "/talks/forums/panmun/"
    maren.fill("/talks/forums/enter/", code="panmun", name="Panmun talks", sides=sides, chair="The Observer")
    meeting = {"for_day": "2018-07-16", "place": "Panmun", "tier": "working: Working level", "zone": ZONE}
    maren.fill(f"{forum}propose/", party="Arvad", made_on="2018-07-12", **meeting)
    doran.fill(f"{forum}proposals/1/answer/", accepts="accepted", party="Belmar", answered_on="2018-07-13")
    session = "/talks/sessions/panmun-1/"
    maren.fill(f"{session}held/", day="2018-07-16", zone=ZONE, place="Panmun")
    for writer in (maren, doran):
        for whose in (maren, doran):
            writer.fill(f"{session}fingerprint/", party=NAMES[whose.party], fingerprint=read_out[whose])
    for desk, fingerprint in read_out.items():
        minutes = {"introduced_in": "session:panmun-1", "file": desk.public}
        desk.fill("/seals/keys/enter/", party=NAMES[desk.party], fingerprint=fingerprint, **minutes)
    maren.page.goto(session)
    maren.page.click("text=Draw up the session statement for signature")
    all_sign(maren.page.url, maren, doran)
    assert "sealed by its sides" in doran.reads(session)


def propose(doran: Desk, maren: Desk, karsk: Desk, watch: Desk) -> None:
    """Belmar's draft is nobody else's until it is signed."""
    plan = {"direction": "We hand over", "other": "Arvad", "through": "The Observer", "place": "Panmun"}
    draft = doran.fill("/custody/transfers/draft/", **plan, planned_for="2018-07-27", terms_en="As agreed on 16 July.")
    for other in (karsk, watch):
        assert other.page.request.get(draft).status == 404
    all_sign(doran.fill(f"{draft}propose/", number=CODE, zone=ZONE), doran, maren)
    assert "proposed" in watch.reads()


def send_empty_and_fill(karsk: Desk, doran: Desk) -> None:
    """Four cases go out empty; three are filled, weighed and listed."""
    karsk.fill("/custody/containers/enter/", numbers="J-001 to J-004", store="Central store")
    all_sign(karsk.fill(f"{TRANSFER}issue/", numbers="J-001 to J-004", zone=ZONE), karsk, doran)
    for number in (1, 2, 3):
        doran.page.goto(f"/custody/containers/numbered/J-00{number}/")
        box = doran.page.url
        doran.fill(f"{box}pack/", note="remains, as found")
        doran.fill(f"{box}weigh/", weight_g=6400 + number, scale="Observer’s")
    doran.page.goto(f"{TRANSFER}lines/")
    doran.enter("numbers", "J-001 to J-003")
    doran.enter("description", "remains, Hill 482")
    doran.page.click("text=Add them")
    doran.page.wait_for_selector("text=Keep the lines")


def agree_and_seal(doran: Desk, karsk: Desk, watch: Desk) -> None:
    all_sign(doran.fill(f"{TRANSFER}manifest/", zone=ZONE), doran, karsk, watch)
    for number in (1, 2, 3):
        doran.page.goto(f"/custody/containers/numbered/J-00{number}/")
        doran.fill(f"{doran.page.url}seal/", numbers=f"JB 7710{number}")
    all_sign(doran.fill(f"{TRANSFER}seal/", zone=ZONE), doran, watch)


def hand_over_and_receive(doran: Desk, karsk: Desk, watch: Desk) -> None:
    """Three are handed over; the receipt is short of one, and one seal is broken."""
    taken = {"received_by": "D. Karsk", "received_by_office": "Central Store"}
    all_sign(doran.fill(f"{TRANSFER}hand-over/", **taken, zone=ZONE), doran, karsk, watch)
    karsk.page.goto(f"{TRANSFER}receive/")
    karsk.page.select_option("[name=row-1-outcome]", label="received, seal broken")
    karsk.page.select_option("[name=row-2-outcome]", label="not received")
    all_sign(karsk.send(), karsk, watch)


def reserve_inspect_reconcile_close(doran: Desk, karsk: Desk) -> None:
    words = "Case J-003 was not among those set down. The seal of J-002 was broken at the lid."
    karsk.sign(karsk.fill(f"{TRANSFER}reserve/", lines="2, 3", text_en=words, zone=ZONE))
    karsk.sign(karsk.fill(f"{TRANSFER}discrepancy/", what="missing", lines="3", declared="one case", found="none"))
    shown = doran.reads()
    assert "Belmar counts three containers handed over; Arvad counts two received." in shown
    assert words in shown
    assert "discrepancy open" in shown
    all_sign(karsk.fill(f"{TRANSFER}inspect/", zone=ZONE), karsk, doran)
    settled = {"resolves": ["R-1", "D-1"], "outcome": "each side keeps its version", "text_en": "Both counts stand."}
    all_sign(doran.fill(f"{TRANSFER}resolve/", **settled), doran, karsk)
    all_sign(karsk.fill(f"{TRANSFER}close/", zone=ZONE), karsk, doran)
    for desk in (doran, karsk):
        assert "Both sides have signed the closing." in desk.reads()


def witness_the_log(watch: Desk, doran: Desk) -> None:
    """The Observer cosigns Belmar's log as it stands after the manifest, with a ledger of its own."""
    doran.page.goto("/seals/log/")
    doran.page.click("text=Make a checkpoint")
    watch.page.goto("/seals/log/")
    row = watch.page.locator("tr", has_text="Belmar")
    files = []
    for words, name in (("Checkpoint at", "belmar.note"), ("Installation’s key", "belmar.installation.pub.json")):
        with watch.page.expect_download() as waiting:
            row.locator("a", has_text=words).click()
        files.append(watch.folder / name)
        waiting.value.save_as(files[-1])
    ledger, cosigned = watch.folder / "observer.ledger", watch.folder / "belmar.cosigned"
    homeward("seal", "ledger", "create", ledger, "--party", "observer", "--keys", watch.public)
    known = ("--installation", files[1], "--out", cosigned)
    homeward("seal", "witness", files[0], "--ledger", ledger, "--key", watch.key, *known)
    watch.page.set_input_files("[name=note]", cosigned)
    watch.page.click("text=Take it in")
    assert "at" in watch.page.locator("tr", has_text="Belmar").text_content()


def verify_by_the_third(watch: Desk, doran: Desk, chromium, tmp_path: Path) -> None:
    """Belmar gives the Observer a bundle of all that was said; it is valid at the command line and in any browser."""
    doran.page.goto("/exchange/bundles/to/observer/")
    doran.page.locator("label", has_text=CODE).locator("input").check()
    with doran.page.expect_download() as waiting:
        doran.page.click("text=Write the bundle")
    bundle = watch.folder / "belmar-observer.zip"
    waiting.value.save_as(bundle)
    watch.page.goto("/exchange/bundles/")
    anchors = watch.download("Anchors file", "observer.anchors.json")

    assert "VALID" in homeward("seal", "verify", bundle, "--anchors", anchors)
    assert "UNANCHORED" in homeward("seal", "verify", bundle, status=3)
    with opened(chromium, tmp_path) as page:
        page.set_input_files("#bundle", bundle)
        page.set_input_files("#anchors", anchors)
        page.click("#ask button.main")
        page.wait_for_selector("#answer[data-verdict=valid]")


def test_two_parties_and_a_neutral_from_proposal_to_closing_and_the_third_verifies(desks, chromium, tmp_path):
    maren, karsk, doran, watch = desks

    hold_a_session(maren, doran, watch)
    propose(doran, maren, karsk, watch)
    send_empty_and_fill(karsk, doran)
    agree_and_seal(doran, karsk, watch)
    witness_the_log(watch, doran)
    hand_over_and_receive(doran, karsk, watch)
    reserve_inspect_reconcile_close(doran, karsk)
    verify_by_the_third(watch, doran, chromium, tmp_path)
