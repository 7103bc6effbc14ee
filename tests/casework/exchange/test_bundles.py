"""Sealed bundles between two installations: verified, shown as a dry run, brought in all or nothing, and answered."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from casework.exchange import incoming, outgoing
from casework.exchange.models import Parcel
from casework.journal.models import Record
from casework.parties import actions as parties
from casework.parties.models import Operator
from casework.parties.queries import signing_key
from casework.parties.refusal import Refused
from casework.seals import actions, checkpoints, log, queries
from casework.seals.installation import origin_of, public_key
from casework.seals.models import Checkpoint, Entry, ForeignLog, Signer, Statement
from homeward.seals.checkpoint import cosign_checkpoint, cosigned_by, read_note
from homeward.seals.envelope import sign
from homeward.seals.keys import PrivateKey
from homeward.seals.merkle import leaf_hash, verify_inclusion
from homeward.seals.verify import verify
from tests.casework.exchange.elsewhere import Elsewhere

pytestmark = pytest.mark.django_db
SESSION = "session:2018-07-16"
SUBJECT = "transfer:T-2018-01"


@pytest.fixture
def belmar(db):
    """Belmar acts at an installation of its own."""
    return parties.found_party(
        by=Operator(), code="belmar", name="Belmar", name_ko="벨마르", kind="state", hosted=False
    )


@pytest.fixture
def home(arvad, tmp_path):
    arvad.programme_name = "Joint Accounting Programme"
    arvad.save()
    return Elsewhere("belmar", tmp_path)


@pytest.fixture
def member(admit, arvad):
    return admit(arvad, "negotiator", "custodian", "authority", "registrar")


@pytest.fixture
def key(keyed, arvad):
    return keyed(arvad)


def pin(member, belmar, home) -> None:
    """What was read out in the session: Belmar's key, its log, and its installation's key."""
    parties.pin_key(by=member, party=belmar, fingerprint=home.key.fingerprint, introduced_in=SESSION)
    checkpoints.know_log(
        by=member,
        party=belmar,
        origin=home.ledger.origin,
        installation=home.ledger.installation.fingerprint,
        introduced_in=SESSION,
    )


def proposal(member, arvad, belmar, key, date="2018-07-27"):
    one = actions.prepare(
        by=member,
        kind="proposal",
        subject=SUBJECT,
        body={
            "what": "transfer", "from": ["belmar"], "to": ["arvad"], "through": [], "date": date, "place": "",
            "level": "", "asks_for": "", "answers": "", "terms": [{"lang": "en", "text": "Fifty-five cases."}],
        },
        signers=[(arvad, "author"), (belmar, "countersigner")],
    )  # fmt: skip
    return actions.sign(by=member, envelope=sign(bytes(one.payload), key).to_bytes())


@pytest.fixture
def answered(member, arvad, belmar, home, key):
    """A's proposal has gone out, B has countersigned it and reserved, and B's bundle is on the stick."""
    pin(member, belmar, home)
    parties.keep_key(
        party=belmar, fingerprint=home.key.fingerprint, raw=home.public.raw, name=home.public.name, role="party",
        introduced_in="", by="",
    )  # fmt: skip
    one = proposal(member, arvad, belmar, key)
    came = home.receive(outgoing.give_out(by=member, to=belmar, about=[SUBJECT]).data)
    home.countersign(one.digest)
    home.say(
        "reservation",
        SUBJECT,
        {
            "number": "R-1", "on": one.digest, "lines": [], "containers": [],
            "text": [{"lang": "en", "text": "We count fifty-four."}],
        },
        [("belmar", home.key.fingerprint, "author")],
        programme=came.programme,
        follows=[one.digest],
    )  # fmt: skip
    home.witness(came.log, next(one for one in came.keys if one.role == "installation" and one.party == "arvad"))
    return home.bundle()


def bring(member, data: bytes) -> Parcel:
    parcel = incoming.take(by=member, data=data, name="stick.zip")
    assert parcel.state == Parcel.State.READ, parcel.faults
    return incoming.bring_in(by=member, parcel=parcel)


def test_what_goes_out_is_valid_to_whoever_pinned_the_keys_and_cosigned_the_log(member, arvad, belmar, home, key):
    pin(member, belmar, home)
    one = proposal(member, arvad, belmar, key)

    given = outgoing.give_out(by=member, to=belmar, about=[SUBJECT])
    first = verify(given.data, home.anchors(arvad=(key.fingerprint,)))
    came = home.receive(given.data)
    home.witness(came.log, next(one for one in came.keys if one.role == "installation"))
    again = verify(given.data, home.anchors(arvad=(key.fingerprint,)))

    assert {fault.code for fault in first.unanchored} == {"unpinned-log"}
    assert again.verdict == "valid"
    assert [seen.digest for seen in again.statements] == [one.digest]
    assert Record.objects.filter(verb="exchange.give_out_bundle", object=given.journal_name).exists()


def test_each_side_ends_with_equal_digests_proofs_in_both_logs_and_the_others_cosigned_checkpoint(
    member, arvad, belmar, home, key, answered
):
    bring(member, answered)
    offered = ForeignLog.objects.get(holder=arvad)
    cosigned = cosign_checkpoint(offered.offered, key, "arvad", 1_532_655_600)
    checkpoints.cosign(by=member, note=cosigned.encode())
    back = home.receive(outgoing.give_out(by=member, to=belmar, about=[SUBJECT]).data)

    here = set(Statement.objects.values_list("digest", flat=True))
    assert here == {one.digest for one in home.ledger.statements()}
    assert Statement.objects.get(kind="proposal").stands
    assert Statement.objects.get(kind="reservation").stands
    for entry in Entry.objects.filter(log=arvad):
        size = log.size_of(arvad)
        leaf = leaf_hash(bytes(entry.leaf))
        verify_inclusion(leaf, entry.index, size, log.inclusion_proof(entry, size), log.root_of(arvad, size))
    signatures = {(one.statement, one.keyid) for one in home.ledger.entries()}
    assert signatures == set(Entry.objects.filter(log=arvad).values_list("statement__digest", "fingerprint"))
    ours = Checkpoint.objects.get(log=arvad, cosigned_by=belmar)
    assert cosigned_by(read_note(ours.note), home.public, "belmar")
    theirs = next(copy for copy in back.logs if copy.party == "belmar")
    assert cosigned_by(read_note(theirs.checkpoint), signing_key(arvad).public, "arvad")
    assert ForeignLog.objects.get(holder=arvad).note == theirs.checkpoint


def test_the_second_bundle_continues_the_log_that_was_cosigned(member, arvad, belmar, home, key, answered):
    bring(member, answered)
    checkpoints.cosign(
        by=member,
        note=cosign_checkpoint(ForeignLog.objects.get().offered, key, "arvad", 1).encode(),
    )
    home.receive(outgoing.give_out(by=member, to=belmar, about=[SUBJECT]).data)
    home.say(
        "abort", SUBJECT, {"reason": [{"lang": "en", "text": "the road is cut"}]},
        [("belmar", home.key.fingerprint, "author")], programme="Joint Accounting Programme",
    )  # fmt: skip

    parcel = bring(member, home.bundle())

    known = ForeignLog.objects.get()
    assert parcel.verdict == "valid"
    assert read_note(known.offered).checkpoint.size == read_note(known.note).checkpoint.size + 1
    assert known.proof


def test_the_dry_run_says_what_is_new_and_brings_nothing_in(member, answered):
    before = (Statement.objects.count(), Entry.objects.count())

    parcel = incoming.take(by=member, data=answered, name="stick.zip")

    assert (Statement.objects.count(), Entry.objects.count()) == before
    assert (parcel.contents["statements"], parcel.contents["signatures"]) == (1, 2)
    assert parcel.verdict == "unanchored"
    assert [note["code"] for note in parcel.notes] == ["no-checkpoint"]


def test_the_same_bundle_again_changes_nothing(member, answered):
    bring(member, answered)
    before = (Statement.objects.count(), Entry.objects.count(), Signer.objects.exclude(sig=None).count())

    parcel = bring(member, answered)

    assert (Statement.objects.count(), Entry.objects.count(), Signer.objects.exclude(sig=None).count()) == before
    assert (parcel.contents["statements"], parcel.contents["signatures"]) == (0, 0)


def test_what_nothing_vouches_for_is_refused_until_it_was_entered_from_the_minutes(member, arvad, belmar, home, key):
    home.say(
        "abort", SUBJECT, {"reason": [{"lang": "en", "text": "no"}]}, [("belmar", home.key.fingerprint, "author")],
        programme="Joint Accounting Programme",
    )  # fmt: skip
    data = home.bundle()
    first = incoming.take(by=member, data=data, name="stick.zip")

    pin(member, belmar, home)

    assert first.state == Parcel.State.REFUSED
    assert {fault["code"] for fault in first.faults} == {"unpinned-key", "unpinned-log"}
    assert bring(member, data).state == Parcel.State.BROUGHT_IN
    assert signing_key(belmar).raw


def altered(data: bytes, name: str, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w") as made:
        for info in given.infolist():
            content = given.read(info)
            made.writestr(info, change(content) if info.filename.startswith(name) else content)
    return out.getvalue()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda data: b"",
        lambda data: b"\x00\xff" * 500,
        lambda data: data[:-1],
        lambda data: data + b"\x00",
        lambda data: altered(data, "statements/", lambda content: content.replace(b"belmar", b"cathay")),
        lambda data: altered(data, "logs/", lambda content: content.replace(b'"index":1', b'"index":2')),
        lambda data: altered(data, "seal.note", lambda content: content.replace(b"belmar", b"cathay")),
    ],
)
def test_a_tampered_bundle_is_refused_with_reasons_and_nothing_is_kept(tamper, member, answered, settings, tmp_path):
    before = Statement.objects.count()

    parcel = incoming.take(by=member, data=tamper(answered), name="stick.zip")

    assert parcel.state == Parcel.State.REFUSED
    assert parcel.faults[0]["code"]
    assert parcel.faults[0]["reason"]
    assert Statement.objects.count() == before
    assert not list(tmp_path.glob("uploads/*"))
    with pytest.raises(Refused) as refused:
        incoming.bring_in(by=member, parcel=parcel)
    assert refused.value.code == "already-settled"


def test_a_party_not_known_here_keeps_the_bundle_out_and_is_named(member, arvad, belmar, home, key):
    pin(member, belmar, home)
    home.say(
        "abort", SUBJECT, {"reason": [{"lang": "en", "text": "no"}]},
        [("belmar", home.key.fingerprint, "author"), ("cathay", "", "countersigner")],
        programme="Joint Accounting Programme",
    )  # fmt: skip

    parcel = incoming.take(by=member, data=home.bundle(), name="stick.zip")

    assert [(fault["code"], fault["reason"]) for fault in parcel.faults] == [("unknown-party", "cathay")]


def test_a_key_revoked_face_to_face_keeps_out_what_it_signed_and_was_not_seen_before(
    member, arvad, belmar, home, answered
):
    parties.revoke_key(by=member, key=signing_key(belmar), reason="told in the session")

    parcel = incoming.take(by=member, data=answered, name="stick.zip")

    assert {fault["code"] for fault in parcel.faults} == {"revoked-here"}


def test_a_failure_half_way_leaves_nothing(member, answered, monkeypatch):
    parcel = incoming.take(by=member, data=answered, name="stick.zip")
    before = (Statement.objects.count(), Entry.objects.count(), Record.objects.count())

    def fail(*_args, **_kwargs):
        raise RuntimeError("the power went")

    monkeypatch.setattr(incoming, "_take_checkpoints", fail)
    with pytest.raises(RuntimeError):
        incoming.bring_in(by=member, parcel=parcel)

    assert (Statement.objects.count(), Entry.objects.count(), Record.objects.count()) == before
    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.READ


def test_a_key_that_a_party_introduces_in_the_bundle_with_its_pinned_key_counts_from_there(
    member, arvad, belmar, home, key
):
    pin(member, belmar, home)
    further = PrivateKey.generate()
    public = further.public(party="belmar", name="Second")
    from homeward.seals.canonical import write_base64

    home.say(
        "key", f"key:{further.fingerprint}",
        {
            "act": "introduce", "party": "belmar", "fingerprint": further.fingerprint,
            "key": write_base64(public.raw), "role": "party", "reason": [], "introduced_in": "",
        },
        [("belmar", home.key.fingerprint, "author")], programme="Joint Accounting Programme",
    )  # fmt: skip
    home.ledger.learn([public])
    home.key, home.name, first = further, "Second", home.key
    home.say(
        "abort", SUBJECT, {"reason": [{"lang": "en", "text": "no"}]}, [("belmar", further.fingerprint, "author")],
        programme="Joint Accounting Programme",
    )  # fmt: skip

    bring(member, home.bundle())

    assert signing_key(belmar).fingerprint == further.fingerprint
    assert Statement.objects.get(kind="abort").stands
    assert first.fingerprint != further.fingerprint


def test_a_statement_that_makes_no_sense_is_kept_with_its_faults_and_nothing_follows(member, arvad, belmar, home, key):
    pin(member, belmar, home)
    from homeward.seals.canonical import canonical, read_canonical

    good = home.say(
        "abort", SUBJECT, {"reason": [{"lang": "en", "text": "no"}]}, [("belmar", home.key.fingerprint, "author")],
        programme="Joint Accounting Programme",
    )  # fmt: skip
    home.ledger.record(sign(canonical({**read_canonical(good.payload), "body": {"why": 1}}), home.key))

    bring(member, home.bundle())

    assert Statement.objects.exclude(faults=[]).get().faults
    assert len(queries.about(SUBJECT, by=member)) == 1


def test_only_what_the_other_party_may_see_goes_out(member, arvad, belmar, key, admit):
    observer = parties.found_party(by=Operator(), code="observer", name="Observer", kind="neutral")
    own = actions.prepare(
        by=member, kind="abort", subject="transfer:T-9", body={"reason": [{"lang": "en", "text": "x"}]},
        signers=[(arvad, "author"), (observer, "witness")],
    )  # fmt: skip
    actions.sign(by=member, envelope=sign(bytes(own.payload), key).to_bytes())

    with pytest.raises(Refused) as refused:
        outgoing.give_out(by=member, to=belmar, about=["transfer:T-9"])
    assert refused.value.code == "nothing-to-give"
    assert outgoing.subjects(by=member, to=belmar) == []

    actions.show(by=member, statement=own, to=belmar)
    assert outgoing.give_out(by=member, to=belmar, about=["transfer:T-9"]).parcel.contents["statements"] == 1


def test_other_roles_neither_give_out_nor_bring_in(admit, arvad, belmar):
    registrar = admit(arvad, "registrar")
    for act in (
        lambda: outgoing.give_out(by=registrar, to=belmar, about=[SUBJECT]),
        lambda: incoming.take(by=registrar, data=b"", name="x"),
        lambda: outgoing.anchors_file(by=registrar),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not-permitted"


def test_documents_that_statements_speak_of_travel_and_are_kept(member, arvad, belmar, home, key, admit):
    from casework.documents.actions import keep_document
    from casework.documents.models import Document

    minutes = keep_document(by=member, data=b"Minutes of the session.", name="minutes.txt")
    session = actions.prepare(
        by=member, kind="session", subject=SESSION,
        body={
            "forum": "Joint Commission", "number": "1", "tier": "", "date": "2018-07-16", "state": "held",
            "absent": [], "fingerprints": [], "minutes": [{"lang": "en", "digest": minutes.digest}],
        },
        signers=[(arvad, "author"), (belmar, "countersigner")],
    )  # fmt: skip
    actions.sign(by=member, envelope=sign(bytes(session.payload), key).to_bytes())

    given = outgoing.give_out(by=member, to=belmar, about=[SESSION])
    came = home.receive(given.data)

    assert [(one.digest, one.name) for one in came.documents] == [(minutes.digest, "minutes.txt")]
    assert Document.objects.count() == 1


def test_a_bundle_is_handed_in_and_brought_in_on_its_pages(member, answered, browse):
    client = browse(member)

    dry = client.post(reverse("exchange:bundles"), {"file": SimpleUploadedFile("stick.zip", answered)}, follow=True)
    parcel = Parcel.objects.get(direction="in")
    page = client.post(reverse("exchange:bring_in_bundle", args=(parcel.pk,)), follow=True).text

    assert "Bring in the bundle" in dry.text
    assert "Reservation" in dry.text
    assert "is in the records" in page
    assert Statement.objects.get(kind="proposal").stands


def test_a_refused_bundle_says_in_words_what_is_wrong_in_both_languages(member, answered, browse):
    client = browse(member)
    broken = altered(answered, "statements/", lambda content: content.replace(b"belmar", b"cathay"))

    page = client.post(reverse("exchange:bundles"), {"file": SimpleUploadedFile("x.zip", broken)}, follow=True).text
    client.post("/language/", {"language": "ko", "next": "/"})
    korean = client.get(reverse("exchange:bundle", args=(Parcel.objects.get(direction="in").pk,))).text

    assert "Bring in the bundle" not in page
    assert "It is broken" in page
    assert "어긋납니다" in korean


def test_a_bundle_and_the_anchors_are_given_out_on_the_page(member, arvad, belmar, home, key, browse):
    pin(member, belmar, home)
    proposal(member, arvad, belmar, key)
    client = browse(member)

    page = client.get(reverse("exchange:give_out_bundle", args=("belmar",))).text
    given = client.post(reverse("exchange:give_out_bundle", args=("belmar",)), {"about": [SUBJECT]})
    anchors = client.get(reverse("exchange:anchors")).content

    assert "Transfer T-2018-01" in page
    assert verify(given.getvalue() if hasattr(given, "getvalue") else given.content, None).verdict == "unanchored"
    assert key.fingerprint.encode() in anchors
    assert origin_of(arvad).encode() in anchors
    assert public_key(arvad).fingerprint.encode() in anchors


def test_bundles_go_in_and_out_at_the_servers_command_line(
    member, arvad, belmar, home, key, answered, tmp_path, capsys
):
    stick, out = tmp_path / "in.zip", tmp_path / "out.zip"
    stick.write_bytes(answered)

    call_command("bring_in_bundle", str(stick), "--party", "arvad", "--dry-run")
    dry = (capsys.readouterr().out, Statement.objects.count())
    call_command("bring_in_bundle", str(stick), "--party", "arvad")
    call_command("give_out_bundle", str(out), "--party", "arvad", "--to", "belmar", "--about", SUBJECT)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(answered[:-1])
    with pytest.raises(CommandError, match="Nothing was brought in"):
        call_command("bring_in_bundle", str(broken), "--party", "arvad")

    assert dry[1] == 1
    assert "1 statement" in dry[0]
    assert Statement.objects.count() == 2
    assert verify(out.read_bytes(), None).verdict == "unanchored"
