"""Names between two installations: committed in what is signed, opened beside it to the other side alone."""

import pytest

from casework.custody import actions as store
from casework.custody.models import ManifestLine, Transfer
from casework.custody.numbers import listed
from casework.custody.transfers import Declared, draft_transfer, list_lines, offer_manifest, propose
from casework.exchange import incoming, outgoing
from casework.exchange.models import Parcel
from casework.parties import actions as parties
from casework.parties.models import Operator
from casework.seals import actions
from casework.seals.models import Opening, Statement
from casework.seals.openings import Withheld, withhold
from homeward.seals.bundle import read_bundle
from homeward.seals.envelope import sign
from homeward.seals.statement import Opening as Opened
from homeward.seals.statement import Openings
from homeward.seals.verify import verify
from tests.casework.exchange.elsewhere import Elsewhere

pytestmark = pytest.mark.django_db
NAME = "Pvt. Tarn, on the lid"
SUBJECT = "transfer:T-2018-01"
SESSION = "session:2018-07-16"
PROGRAMME = "Joint Accounting Programme"


@pytest.fixture
def belmar(db):
    return parties.found_party(by=Operator(), code="belmar", name="Belmar", kind="state", hosted=False)


@pytest.fixture
def home(arvad, tmp_path):
    arvad.programme_name = PROGRAMME
    arvad.save()
    return Elsewhere("belmar", tmp_path)


@pytest.fixture
def member(admit, arvad):
    return admit(arvad, "negotiator", "custodian", "authority")


@pytest.fixture
def key(keyed, arvad):
    return keyed(arvad)


@pytest.fixture
def ours(member, key, arvad, belmar, observer, home):
    """A manifest of Arvad's with a name on it, for Belmar at home, through the Observer."""
    parties.pin_key(
        by=member,
        party=belmar,
        fingerprint=home.key.fingerprint,
        raw=home.public.raw,
        introduced_in=SESSION,
        name=home.public.name,
    )
    transfer = draft_transfer(by=member, sender=arvad, receiver=belmar, through=observer)
    _sign(member, propose(by=member, transfer=transfer, number="T-2018-01"), key)
    boxes = store.enter_containers(by=member, numbers=listed("C-001"), store="Tol depot")
    store.pack(by=member, container=boxes[0], note="as described")
    lines = [Declared(container=boxes[0], claim_about=ManifestLine.ClaimAbout.NAME, claim=NAME)]
    list_lines(by=member, transfer=transfer, lines=lines)
    return transfer


def _sign(member, statement, key) -> Statement:
    return actions.sign(by=member, envelope=sign(bytes(statement.payload), key).to_bytes())


@pytest.fixture
def agreed(ours, member, key, home):
    """The same, as far as Belmar has agreed to the proposal, and the manifest is offered."""
    home.receive(outgoing.give_out(by=member, to=ours.receiver, about=[SUBJECT]).data)
    proposal = Statement.objects.get(kind="proposal")
    home.countersign(proposal.digest)
    actions.sign(by=member, envelope=home.ledger.envelope(proposal.digest).to_bytes())
    ours.refresh_from_db()
    return _sign(member, offer_manifest(by=member, transfer=ours), key)


def test_the_opening_goes_out_to_the_other_side_and_opens_the_commitment(member, belmar, agreed):
    given = outgoing.give_out(by=member, to=belmar, about=[SUBJECT])
    opened = read_bundle(given.data).openings

    assert [(one.statement, [each.value for each in one.openings]) for one in opened] == [(agreed.digest, [NAME])]
    assert verify(given.data, None).verdict == "unanchored"
    assert given.parcel.contents["openings"] == 1


def test_a_bundle_for_the_neutral_holds_the_commitment_and_no_opening(member, observer, agreed):
    given = outgoing.give_out(by=member, to=observer, about=[SUBJECT])

    assert agreed.digest in {one.digest for one in read_bundle(given.data).envelopes}
    assert read_bundle(given.data).openings == ()
    assert b"Tarn" not in given.data


def test_who_may_not_read_openings_carries_none_out(admit, arvad, belmar, agreed):
    given = outgoing.give_out(by=admit(arvad, "observer"), to=belmar, about=[SUBJECT])

    assert b"Tarn" not in given.data


def test_the_page_of_the_bundle_says_how_many_openings_went_with_it(member, belmar, agreed, browse):
    given = outgoing.give_out(by=member, to=belmar, about=[SUBJECT])

    page = browse(member).get(f"/exchange/bundles/{given.parcel.pk}/").content.decode()

    assert "What one commitment stands for goes with them." in page


# ---------- In ----------


@pytest.fixture
def theirs(member, key, arvad, belmar, home):
    """Belmar proposes and offers a manifest with a name on it, withheld; gives its statement and the opening."""
    from casework.seals.checkpoints import know_log

    parties.pin_key(by=member, party=belmar, fingerprint=home.key.fingerprint, introduced_in=SESSION)
    know_log(
        by=member, party=belmar, origin=home.ledger.origin, installation=home.ledger.installation.fingerprint,
        introduced_in=SESSION,
    )  # fmt: skip
    both = [("belmar", home.key.fingerprint, "author"), ("arvad", key.fingerprint, "countersigner")]
    asked = {
        "what": "transfer", "from": ["belmar"], "to": ["arvad"], "through": [], "date": "", "place": "",
        "level": "", "asks_for": "", "answers": "", "terms": [],
    }  # fmt: skip
    proposal = home.say("proposal", SUBJECT, asked, both, programme=PROGRAMME)
    body, opened = withhold(_manifest())
    manifest = home.say("manifest", SUBJECT, body, both, programme=PROGRAMME, follows=[proposal.digest])
    return manifest.digest, opened


def _manifest():
    line = {
        "line": 1, "container": "C-001", "content": "remains", "bags": 1, "seals": [], "weight_g": None,
        "description": "", "origin": "", "claims": [{"about": "name", "text": Withheld(NAME)}],
    }  # fmt: skip
    return {
        "version": 1, "from": "belmar", "to": "arvad", "through": "", "fulfils": [], "lines": [line],
        "containers": 1, "bags": 1, "copies": 1,
    }  # fmt: skip


def take(member, data) -> Parcel:
    return incoming.take(by=member, data=data, name="stick.zip")


def test_an_opening_that_comes_in_is_kept_and_the_receivers_page_shows_the_claim(member, home, key, theirs, browse):
    digest, opened = theirs
    parcel = take(member, home.bundle([Openings(digest, opened)]))
    before = browse(member).get(f"/exchange/bundles/{parcel.pk}/").content.decode()

    incoming.bring_in(by=member, parcel=parcel)
    for statement in Statement.objects.order_by("pk"):
        _sign(member, statement, key)
    page = browse(member).get("/custody/transfers/T-2018-01/").content.decode()

    assert "What one commitment stands for is new." in before
    assert "Tarn" not in before
    assert Transfer.objects.get().receiver == member.party
    assert NAME in page
    assert "committed; opening held" in page


def test_without_its_opening_the_name_stays_withheld_until_it_comes(member, home, theirs, browse):
    digest, opened = theirs
    incoming.bring_in(by=member, parcel=take(member, home.bundle()))
    client = browse(member)
    before = client.get(f"/seals/{digest}/").content.decode()

    incoming.bring_in(by=member, parcel=take(member, home.bundle([Openings(digest, opened)])))
    incoming.bring_in(by=member, parcel=take(member, home.bundle([Openings(digest, opened)])))

    assert "Tarn" not in before
    assert NAME in client.get(f"/seals/{digest}/").content.decode()
    assert Opening.objects.count() == 1


@pytest.mark.parametrize("value", ["Pvt. Oresk", {"name": NAME}, None])
def test_a_wrong_opening_keeps_the_whole_bundle_out_and_is_said(member, home, theirs, browse, value):
    digest, (one,) = theirs

    parcel = take(member, home.bundle([Openings(digest, (Opened(one.path, one.salt, value),))]))
    page = browse(member).get(f"/exchange/bundles/{parcel.pk}/").content.decode()

    assert parcel.state == Parcel.State.REFUSED
    assert [fault["code"] for fault in parcel.faults] == ["opening"]
    assert "What was disclosed is not what the statement committed to." in page
    assert not Statement.objects.filter(digest=digest).exists()
    assert not Opening.objects.exists()
