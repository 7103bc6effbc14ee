"""The verifier in a real browser: opened from a file without a network, it answers as the one at the command line."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.bundle import write_bundle
from homeward.seals.canonical import canonical, read_canonical
from homeward.seals.checkpoint import Checkpoint, read_note
from homeward.seals.container import read_container, write_container
from homeward.seals.contents import INVENTORY, SEAL_NOTE, Inventory
from homeward.seals.envelope import Envelope, Signature, pae
from homeward.seals.keys import grouped
from tests.homeward.seals.mutations import mutants
from tests.homeward.seals.world import Sent, World, exchange
from tests.journeys.verifier import browsers_answers, disagreements, opened, pythons_answer

MUTANTS, SEED = 300, 5
WITHOUT_OWN_CRYPTOGRAPHY = 25
P = 2**255 - 19


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory) -> Iterator[Any]:
    with opened(chromium, tmp_path_factory.mktemp("verifier")) as page:
        yield page


@pytest.fixture
def reader(chromium, tmp_path) -> Iterator[Any]:
    """A page of his own for one who reads and clicks."""
    with opened(chromium, tmp_path, locale="en-GB", viewport={"width": 1280, "height": 900}) as page:
        page.set_default_timeout(10_000)
        yield page


def resealed(sent: Sent, **changed: bytes) -> bytes:
    """The bundle with other files in it, listed and sealed by the exporter."""
    files = {**read_container(sent.data), **changed}
    listed = {path: content for path, content in files.items() if path not in (SEAL_NOTE, INVENTORY)}
    about = {"party": sent.bundle.party, "programme": sent.bundle.programme, "origin": sent.log.origin}
    made_at = read_canonical(files[INVENTORY])["made_at"]
    files[INVENTORY] = Inventory.of(listed, made_at=made_at, **about).to_bytes()
    sealed = f"bundle sha256:{hashlib.sha256(files[INVENTORY]).hexdigest()}"
    shown = read_note(sent.bundle.log.checkpoint).checkpoint
    files[SEAL_NOTE] = sent.log.seal(Checkpoint(shown.origin, shown.size, shown.root, (sealed,))).encode()
    return write_container(files)


def choose(page: Any, data: bytes, anchors: bytes | None = None) -> None:
    page.set_input_files("#bundle", {"name": "from-belmar.zip", "mimeType": "application/zip", "buffer": data})
    if anchors is not None:
        known = {"name": "anchors.json", "mimeType": "application/json", "buffer": anchors}
        page.set_input_files("#anchors", known)


def ask(page: Any) -> str:
    page.click("#ask button.main")
    page.wait_for_selector("#answer")
    verdict: str = page.get_attribute("#answer", "data-verdict")
    return verdict


# The same answer


@pytest.mark.parametrize("sent", exchange(), ids=lambda sent: sent.name)
def test_an_honest_bundle_is_valid_to_whoever_has_the_minutes_and_unanchored_to_others(page, sent):
    known, unknown = browsers_answers(page, [(sent.data, sent.anchors.to_bytes()), (sent.data, None)])
    assert known == ("valid", ())
    assert unknown[0] == "unanchored"
    assert {code for code, *_ in unknown[1]} == {"unpinned-key", "unpinned-log"}


def test_both_verifiers_say_the_same_of_every_mutant(page):
    differing, answers = disagreements(page, list(mutants(SEED, MUTANTS)))
    assert differing == []
    assert {verdict for verdict, _ in answers} == {"broken", "unanchored"}


def test_they_do_so_where_the_browser_has_no_cryptography_of_its_own(page):
    engine = page.evaluate("async () => (await homewardVerify(new Uint8Array(), null, {webcrypto: false})).engine")
    assert engine == "vendored"
    differing, _ = disagreements(page, list(mutants(SEED + 1, WITHOUT_OWN_CRYPTOGRAPHY)), webcrypto=False)
    assert differing == []


def test_a_log_of_which_no_checkpoint_is_held_is_unanchored(page):
    sent = exchange()[0]
    logs = {origin: LogAnchor(known.installation, "") for origin, known in sent.anchors.logs.items()}
    anchors = Anchors(sent.anchors.keys, logs).to_bytes()
    [(verdict, faults)] = browsers_answers(page, [(sent.data, anchors)])
    assert (verdict, faults) == pythons_answer(sent.data, anchors)
    assert verdict == "unanchored"
    assert {code for code, *_ in faults} == {"no-checkpoint"}


ODD = [
    b"",
    b" ",
    b"null",
    b"[]",
    b"-0",
    b"1e2",
    b"1.0",
    b"9007199254740993",
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":1}',
    b'{"a":1,"a":2}',
    b'{"\\ud800":1}',
    b'"\\ud83d\\ude00"',
    b'"\xed\xa0\x80"',
    b'"\xff"',
    b'"\\u007f"',
    b'"\\/"',
    b'{"b":1,"a":2}',
    b'{"__proto__":1}',
    b'{"documents":[],"schema":"homeward/documents/1"}',
    b'{"documents":[],"schema":"homeward/documents/1"}\n',
    b'{"documents":[],"schema":"homeward/documents/2"}',
    b'{"documents":[],"more":1,"schema":"homeward/documents/1"}',
    b'{"documents":{},"schema":"homeward/documents/1"}',
    b'{"documents":[],"documents":[],"schema":"homeward/documents/1"}',
    b"[" * 64 + b"]" * 64,
    b"[" * 65 + b"]" * 65,
    b"[" * 100_000 + b"]" * 100_000,
    b"NaN",
    b"Infinity",
    '{"\U00010000":1,"\ufb33":2}'.encode(),
    '{"\ufb33":2,"\U00010000":1}'.encode(),
    '"\u2028\u0000"'.encode(),
]


def test_odd_json_is_read_alike(page):
    sent = exchange()[0]
    bundles = [(resealed(sent, **{"documents.json": odd}), sent.anchors.to_bytes()) for odd in ODD]
    assert browsers_answers(page, bundles) == [pythons_answer(*one) for one in bundles]


ODD_KEYS = {
    "zero": 0,
    "one": 1,
    "minus one": P - 1,
    "one, written above the prime": P + 1,
    "above the prime": P + 3,
    "order eight": int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
    ),
    "one with a sign": 1 | 1 << 255,
    "no point of the curve": 2,
}


@pytest.mark.parametrize("y", ODD_KEYS.values(), ids=ODD_KEYS)
def test_what_is_no_key_is_refused_by_both(page, y):
    raw = y.to_bytes(32, "little")
    fingerprint = hashlib.sha256(raw).hexdigest()
    told = {"fingerprint": fingerprint, "key": base64.b64encode(raw).decode(), "name": "", "party": "belmar"}
    file = canonical({**told, "role": "party", "schema": "homeward/key/1"})
    sent = exchange()[0]
    data = resealed(sent, **{f"keys/{fingerprint}.json": file})
    [answer] = browsers_answers(page, [(data, sent.anchors.to_bytes())])
    assert answer == pythons_answer(data, sent.anchors.to_bytes())
    assert [code for code, *_ in answer[1]] == ["key-altered"]


def _odd(value: Any, path: tuple[Any, ...]) -> Iterator[Any]:
    """A value with one thing in it, wherever it is, exchanged for something of another form."""
    for other in (
        None,
        True,
        -1,
        1,
        "",
        "x",
        " ",
        "\n",
        [],
        {},
        [value],
        str(value) + "\n",
        str(value).upper(),
        "A" * 101,
    ):
        yield other
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {key: kept for key, kept in value.items() if key != name}
            yield {**value, f"{name}s": inner}
            for other in _odd(inner, (*path, name)):
                yield {**value, name: other}
    elif isinstance(value, list) and value:
        yield [*value, value[-1]]
        yield value[::-1]
        for other in _odd(value[0], (*path, 0)):
            yield [other, *value[1:]]


FOLDERS = ("keys/", "statements/", "logs/", "openings/", "documents.json", "files.json")


@pytest.mark.parametrize("folder", FOLDERS)
def test_odd_fields_are_read_alike(page, folder):
    sent = exchange()[2]
    name = min(name for name in read_container(sent.data) if name.startswith(folder))
    value = read_canonical(read_container(sent.data)[name])
    changed = [canonical(other) for other in _odd(value, ()) if other != value]
    if folder == "files.json":
        files = read_container(sent.data)
        bundles = [(write_container({**files, name: one}), sent.anchors.to_bytes()) for one in changed[:300]]
    else:
        bundles = [(resealed(sent, **{name: one}), sent.anchors.to_bytes()) for one in changed[:300]]
    theirs = browsers_answers(page, bundles)
    ours = [pythons_answer(*one) for one in bundles]
    differ = [(one, their, our) for one, their, our in zip(changed, theirs, ours, strict=False) if their != our]
    assert not differ


def test_odd_statements_are_read_alike(page):
    sent = exchange()[0]
    files = read_container(sent.data)
    name = min(name for name in files if name.startswith("statements/"))
    envelope = read_canonical(files[name])
    value = read_canonical(base64.b64decode(envelope["payload"]))
    value["body"] = {}
    bundles = []
    for other in _odd(value, ()):
        payload = canonical(other)
        digits = hashlib.sha256(payload).hexdigest()
        changed = canonical({**envelope, "payload": base64.b64encode(payload).decode(), "signatures": []})
        bundles.append((resealed(sent, **{f"statements/{digits}.json": changed}), sent.anchors.to_bytes()))
    theirs = browsers_answers(page, bundles)
    assert [one for one, bundle in zip(theirs, bundles, strict=True) if one != pythons_answer(*bundle)] == []


# Signatures on which libraries differ. Plain arithmetic of the curve, slow and short.

D = -121665 * pow(121666, -1, P) % P
L = 2**252 + 27742317777372353535851937790883648493
EIGHT = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
Point = tuple[int, int]


def plus(a: Point, b: Point) -> Point:
    product = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + product, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def times(n: int, a: Point) -> Point:
    total = (0, 1)
    while n:
        if n & 1:
            total = plus(total, a)
        a, n = plus(a, a), n >> 1
    return total


def point(raw: bytes) -> Point:
    y = int.from_bytes(raw, "little") % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    return (x if x % 2 == raw[31] >> 7 else P - x), y


def written(a: Point) -> bytes:
    return (a[1] | (a[0] % 2) << 255).to_bytes(32, "little")


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
TORSION = point(EIGHT)
SECRET = 0x1234567890ABCDEF


def signature(raw: bytes, message: bytes, *, twisted: bool, nonce: int) -> tuple[bytes, int]:
    """A signature by SECRET under a key, its R twisted by a point of order eight or not; and the challenge modulo 8."""
    committed = times(nonce, BASE)
    r = written(plus(committed, TORSION) if twisted else committed)
    k = int.from_bytes(hashlib.sha512(r + raw + message).digest(), "little") % L
    return r + ((nonce + k * SECRET) % L).to_bytes(32, "little"), k % 8


def signed_by_a_stranger(key: bytes, *, twisted: bool, wanted: range) -> tuple[bytes, bytes]:
    """The offer with one more statement, by a party whose key and signature are odd; and the reader's anchors."""
    sent = exchange()[0]
    files = read_container(sent.data)
    fingerprint = hashlib.sha256(key).hexdigest()
    name = min(name for name in files if name.startswith("statements/"))
    value = read_canonical(base64.b64decode(read_canonical(files[name])["payload"]))
    author = {"name": "", "office": "", "party": "corland"}
    payload = canonical(
        {**value, "author": author, "signers": [{"as": "author", "key": fingerprint, "party": "corland"}]}
    )
    found = (signature(key, pae(payload), twisted=twisted, nonce=nonce) for nonce in range(2, 1000))
    sig = next(made for made, challenge in found if challenge in wanted)
    told = {"fingerprint": fingerprint, "key": base64.b64encode(key).decode(), "name": "", "party": "corland"}
    odd = {
        f"keys/{fingerprint}.json": canonical({**told, "role": "party", "schema": "homeward/key/1"}),
        f"statements/{hashlib.sha256(payload).hexdigest()}.json": Envelope(
            payload, (Signature(fingerprint, sig),)
        ).to_bytes(),
    }
    return resealed(sent, **odd), sent.anchors.to_bytes()


HONEST, MIXED = written(times(SECRET, BASE)), written(plus(times(SECRET, BASE), TORSION))


@pytest.mark.parametrize("webcrypto", [True, False], ids=["the browser's own", "the page's own"])
@pytest.mark.parametrize(
    ("key", "twisted", "wanted", "code"),
    [
        (HONEST, False, range(8), "entry-missing"),  # good, and merely not in the log
        (HONEST, True, range(8), "signature"),  # good only to who multiplies by the cofactor
        (MIXED, False, range(1), "entry-missing"),
        (MIXED, False, range(1, 8), "signature"),
    ],
    ids=["plain", "twisted", "mixed key, challenge divisible by eight", "mixed key"],
)
def test_signatures_on_which_libraries_differ_get_one_answer(page, webcrypto, key, twisted, wanted, code):
    bundle = signed_by_a_stranger(key, twisted=twisted, wanted=wanted)
    [answer] = browsers_answers(page, [bundle], webcrypto=webcrypto)
    assert answer == pythons_answer(*bundle)
    assert {found for found, *_ in answer[1]} - {"unpinned-key"} == {code}


# The page


def test_the_answer_stands_first_in_a_sentence_and_with_its_word_and_shape(reader):
    sent = exchange()[2]
    choose(reader, sent.data, sent.anchors.to_bytes())
    assert ask(reader) == "valid"
    assert reader.inner_text("#answer .state") == "Valid"
    assert reader.get_attribute("#answer .state", "data-state") == "sealed"
    assert reader.inner_text("#answer .lead").startswith("This bundle is genuine")
    assert reader.evaluate("document.activeElement.id") == "answer"


def test_fingerprints_from_the_minutes_and_a_pasted_checkpoint_suffice(reader):
    sent = exchange()[0]
    choose(reader, sent.data)
    assert ask(reader) == "unanchored"
    keys = [f"{party} = {grouped(one).upper()}" for party, known in sent.anchors.keys.items() for one in known]
    logs = [f"log {origin} = {known.installation}" for origin, known in sent.anchors.logs.items()]
    reader.fill("#typed", "\n".join([*keys, "", *logs]))
    reader.click("summary[data-say=checkpoints]")
    reader.fill("#checkpoints", "\n\n\n".join(known.checkpoint for known in sent.anchors.logs.values()))
    assert ask(reader) == "valid"


def test_a_line_that_is_no_fingerprint_is_named(reader):
    choose(reader, exchange()[0].data)
    reader.fill("#typed", "\narvad = 12ab 34cd")
    reader.click("#ask button.main")
    assert reader.inner_text("#complaint").startswith("Line 2 is not")
    assert reader.locator("#answer").count() == 0


def test_without_a_bundle_it_asks_for_one(reader):
    reader.click("#ask button.main")
    assert reader.inner_text("#complaint") == "Choose a bundle first."


def test_anchors_of_another_form_are_refused_and_not_passed_over(reader):
    choose(reader, exchange()[0].data, b'{"keys":{}}')
    reader.click("#ask button.main")
    assert reader.inner_text("#complaint").startswith("This anchors file is not in its form")


def test_a_fault_says_which_statement_and_whose_signature_and_what_to_do(reader):
    sent = exchange()[0]
    broken = next(one for one in mutants(8, 3000) if one.name == "offer, signatures exchanged, exporter")
    choose(reader, broken.bundle, sent.anchors.to_bytes())
    assert ask(reader) == "broken"
    told = reader.inner_text("#verdict table")
    assert re.search(r"Signature of (belmar|arvad|observer)", told)
    assert "The signature is not by this key over this statement." in told
    assert "Ask the party for its signed copy." in told
    assert reader.locator(".statements .state[data-state=contested]").count() == 1


def test_files_are_dropped_anywhere_and_answered_at_once(reader):
    sent = exchange()[0]
    given = [base64.b64encode(data).decode() for data in (sent.data, sent.anchors.to_bytes())]
    reader.evaluate(
        """([bundle, anchors]) => {
          const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes(bundle)], "offer.zip"));
          dataTransfer.items.add(new File([bytes(anchors)], "known.json"));
          document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
        }""",
        given,
    )
    reader.wait_for_selector("#answer[data-verdict=valid]")
    assert reader.inner_text("#answer .kind") == "offer.zip"


def test_any_file_at_all_gets_an_answer(reader):
    choose(reader, b"%PDF-1.7 not a bundle")
    assert ask(reader) == "broken"
    assert "the whole bundle" in reader.inner_text("#verdict table")


def test_a_statement_reads_as_what_it_says(reader):
    sent = exchange()[0]
    choose(reader, sent.data, sent.anchors.to_bytes())
    ask(reader)
    reader.click(".statements summary:has-text('Manifest')")
    told = reader.inner_text(".statements details[open]:has(.statement)")
    for said in ("C-001", "BL 77101", "6.4", "not weighed", "a name on a tag", "Asia/Seoul", "J. Tall", "signed"):
        assert said in told


def test_the_same_page_speaks_korean(reader):
    choose(reader, exchange()[0].data)
    ask(reader)
    reader.click("#languages [lang=ko]")
    assert reader.get_attribute("html", "lang") == "ko"
    assert reader.inner_text("#answer .state") == "확인 근거 없음"
    left = re.sub(r"[^A-Za-z ]", "", reader.inner_text("form"))
    assert "fingerprint" not in left
    reader.click("#languages [lang=en]")
    assert reader.inner_text("#answer .state") == "Unanchored"


def test_what_a_forger_writes_stays_text(reader):
    markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    world = World()
    world.say("reservation", by="belmar", subject=f"transfer:{markup}", text=[{"lang": "en", "text": markup}])
    log = world.logs["belmar"]
    sent = world.send("forged", by="belmar", cosigned="", cosigned_size=0)
    bundle = replace(sent.bundle, verifier=b"")
    choose(reader, write_bundle(bundle, log.seal))
    ask(reader)
    reader.click(".statements summary")
    reader.wait_for_selector(".statements details[open] .statement")
    assert reader.inner_text(".statements details[open]").count(markup) >= 2
    assert reader.locator("main img").count() == 0
    assert reader.title() == "Verify a bundle · Homeward"


def test_a_document_is_saved_as_it_was_signed(reader):
    sent = exchange()[2]
    choose(reader, sent.data, sent.anchors.to_bytes())
    ask(reader)
    with reader.expect_download() as saving:
        reader.click("button:has-text('Save minutes.txt')")
    assert saving.value.suggested_filename == "minutes.txt"
    assert saving.value.path().read_bytes() == b"Minutes of the seventh session."


def test_on_paper_every_statement_is_open_and_nothing_asks_to_be_clicked(reader):
    sent = exchange()[0]
    choose(reader, sent.data, sent.anchors.to_bytes())
    ask(reader)
    reader.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    reader.emulate_media(media="print")
    statements = reader.locator(".statements details")
    assert reader.locator(".statements details[open] .statement").count() == statements.count() > 0
    assert not reader.is_visible("#ask")


def test_it_is_used_by_keyboard_alone(reader):
    choose(reader, exchange()[0].data)
    reader.focus("#ask button.main")
    reader.keyboard.press("Enter")
    reader.wait_for_selector("#answer")
    reader.focus(".statements summary >> nth=0")
    reader.keyboard.press("Enter")
    reader.wait_for_selector(".statements details[open] .statement")


def test_on_a_phone_nothing_stands_out_of_the_page(chromium, tmp_path):
    sent = exchange()[2]
    with opened(chromium, tmp_path, locale="ko-KR", viewport={"width": 390, "height": 844}) as phone:
        choose(phone, sent.data)
        ask(phone)
        for at in range(phone.locator(".statements summary").count()):
            phone.locator(".statements summary").nth(at).click()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
