"""Several parties sign the same bytes."""

import pytest

from homeward.errors import NotCanonical, SealBroken
from homeward.seals.canonical import canonical, read_canonical
from homeward.seals.envelope import Envelope, Signature, cosign, merge, pae, read_envelope, sign, verify_signature
from homeward.seals.keys import PrivateKey

ARVAD, BELMAR = PrivateKey.from_seed(b"a" * 32), PrivateKey.from_seed(b"b" * 32)
PAYLOAD = canonical({"kind": "manifest", "containers": 55})


def test_two_parties_sign_the_same_bytes():
    envelope = cosign(sign(PAYLOAD, ARVAD), BELMAR)
    keys = {key.fingerprint: key.public(party=name, name="") for key, name in ((ARVAD, "arvad"), (BELMAR, "belmar"))}
    assert {one.keyid for one in envelope.signatures} == set(keys)
    for one in envelope.signatures:
        verify_signature(envelope.payload, one, keys[one.keyid])


def test_the_order_of_signing_leaves_no_trace():
    assert cosign(sign(PAYLOAD, ARVAD), BELMAR) == cosign(sign(PAYLOAD, BELMAR), ARVAD)


def test_signing_twice_is_signing_once():
    assert cosign(sign(PAYLOAD, ARVAD), ARVAD) == sign(PAYLOAD, ARVAD)


def test_an_envelope_travels_and_comes_back():
    envelope = cosign(sign(PAYLOAD, ARVAD), BELMAR)
    assert read_envelope(envelope.to_bytes()) == envelope


def test_an_envelope_without_signatures_is_one_for_paper():
    assert read_envelope(Envelope(PAYLOAD).to_bytes()).signatures == ()


def test_signatures_gathered_apart_are_brought_together():
    both = merge(sign(PAYLOAD, ARVAD), sign(PAYLOAD, BELMAR))
    assert both == cosign(sign(PAYLOAD, ARVAD), BELMAR)
    assert merge(both, both) == both


def test_envelopes_of_two_statements_are_not_merged():
    with pytest.raises(SealBroken, match="another statement"):
        merge(sign(PAYLOAD, ARVAD), sign(b"{}", ARVAD))


def test_two_different_signatures_of_one_key_are_not_merged():
    forged = Envelope(PAYLOAD, (Signature(ARVAD.fingerprint, bytes(64)),))
    with pytest.raises(SealBroken, match="different ones"):
        merge(sign(PAYLOAD, ARVAD), forged)


def test_what_is_signed_names_type_and_lengths():
    assert pae(b"{}") == b"DSSEv1 39 application/vnd.homeward.statement+json 2 {}"


@pytest.mark.parametrize("payload", [PAYLOAD + b" ", PAYLOAD.replace(b"55", b"54"), b""])
def test_other_bytes_break_the_seal(payload):
    signature = sign(PAYLOAD, ARVAD).signatures[0]
    with pytest.raises(SealBroken) as refusal:
        verify_signature(payload, signature, ARVAD.public(party="arvad", name=""))
    assert refusal.value.code == "signature"


def test_a_signature_is_not_held_against_another_key():
    signature = sign(PAYLOAD, ARVAD).signatures[0]
    with pytest.raises(SealBroken, match="another key"):
        verify_signature(PAYLOAD, signature, BELMAR.public(party="belmar", name=""))


def test_a_signature_under_another_name_is_not_good():
    swapped = Signature(BELMAR.fingerprint, sign(PAYLOAD, ARVAD).signatures[0].sig)
    with pytest.raises(SealBroken) as refusal:
        verify_signature(PAYLOAD, swapped, BELMAR.public(party="belmar", name=""))
    assert refusal.value.code == "signature"


def changed(**fields):
    return canonical({**read_canonical(cosign(sign(PAYLOAD, ARVAD), BELMAR).to_bytes()), **fields})


SIGNATURES = read_canonical(cosign(sign(PAYLOAD, ARVAD), BELMAR).to_bytes())["signatures"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"payloadType": "application/json"}, "envelope"),
        ({"more": 1}, "envelope"),
        ({"signatures": SIGNATURES[::-1]}, "envelope"),
        ({"signatures": SIGNATURES[:1] * 2}, "envelope"),
        ({"signatures": [{**SIGNATURES[0], "more": ""}]}, "envelope"),
        ({"signatures": [{**SIGNATURES[0], "keyid": "AB"}]}, "envelope"),
        ({"signatures": [{**SIGNATURES[0], "keyid": None}]}, "envelope"),
        ({"signatures": [{**SIGNATURES[0], "sig": "AAAA"}]}, "envelope"),
        ({"signatures": [{**SIGNATURES[0], "sig": SIGNATURES[0]["sig"].rstrip("=")}]}, "envelope"),
        ({"signatures": {}}, "envelope"),
        ({"payload": "e30"}, "envelope"),
        ({"payload": 5}, "envelope"),
    ],
)
def test_an_envelope_of_another_form_is_refused(fields, code):
    with pytest.raises(SealBroken) as refusal:
        read_envelope(changed(**fields))
    assert refusal.value.code == code


def test_an_envelope_with_spare_bytes_is_refused():
    with pytest.raises(NotCanonical):
        read_envelope(sign(PAYLOAD, ARVAD).to_bytes() + b"\n")
