"""A key is known again by its fingerprint, and stays with its owner."""

import pickle
import subprocess

import pytest

from homeward.errors import KeyRefused, NotCanonical, SealBroken
from homeward.seals.canonical import canonical, read_canonical, write_base64
from homeward.seals.keys import PrivateKey, PublicKey, fingerprint_of, grouped

KEY = PrivateKey.from_seed(bytes(range(32)))
PUBLIC = KEY.public(party="arvad", name="M. Oresk, Accounting Office")


def test_a_public_key_travels_and_comes_back():
    assert PublicKey.read(PUBLIC.to_bytes()) == PUBLIC


def test_a_fingerprint_is_written_in_sixteen_groups_of_four():
    groups = grouped(KEY.fingerprint).split(" ")
    assert [len(group) for group in groups] == [4] * 16
    assert "".join(groups) == KEY.fingerprint == fingerprint_of(PUBLIC.raw)


def altered(**fields):
    return canonical({**read_canonical(PUBLIC.to_bytes()), **fields})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"fingerprint": "0" * 64}, "key-altered"),
        ({"key": write_base64(bytes(32))}, "key-altered"),
        ({"party": "아르바드"}, "schema"),
        ({"role": "notary"}, "schema"),
        ({"party": "two words"}, "schema"),
        ({"party": "a+b"}, "schema"),
        ({"party": ""}, "schema"),
        ({"schema": "homeward/key/2"}, "schema"),
        ({"name": 5}, "schema"),
        ({"more": ""}, "schema"),
        ({"key": "AAAA"}, "schema"),
    ],
)
def test_a_public_key_that_cannot_be_is_refused(fields, code):
    with pytest.raises(SealBroken) as refusal:
        PublicKey.read(altered(**fields))
    assert refusal.value.code == code


def test_a_public_key_with_spare_blanks_is_refused():
    with pytest.raises(NotCanonical):
        PublicKey.read(PUBLIC.to_bytes().replace(b",", b", ", 1))


# The encodings of the eight points of small order and of y beyond p (RFC 8032 section 5.1.3; Chalkias and others 2020,
# table 6a), and a y without any x.
UNUSABLE = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0200000000000000000000000000000000000000000000000000000000000000",
]


@pytest.mark.parametrize("point", UNUSABLE)
def test_nothing_is_signed_by_a_key_under_which_one_signature_fits_many_texts(point):
    raw = bytes.fromhex(point)
    key = PublicKey(fingerprint_of(raw), raw, "arvad", "", "party")
    with pytest.raises(SealBroken, match="no usable Ed25519 key"):
        key.verify(bytes([1]) + bytes(63), b"any text")  # R the neutral point, S zero: good for the neutral key


def test_a_signature_is_good_over_its_bytes_only():
    signature = KEY.sign(b"55 containers")
    PUBLIC.verify(signature, b"55 containers")
    with pytest.raises(SealBroken) as refusal:
        PUBLIC.verify(signature, b"54 containers")
    assert refusal.value.code == "signature"
    assert PUBLIC.fingerprint in refusal.value.where


def test_a_broken_seal_comes_back_whole_from_another_process():
    for refusal in (SealBroken("proof", "entry 5", "too short"), NotCanonical("/a", "fraction")):
        again = pickle.loads(pickle.dumps(refusal))
        assert (type(again), again.code, str(again)) == (type(refusal), refusal.code, str(refusal))


@pytest.mark.parametrize("passphrase", ["a long walk home", "먼 길", None])
def test_a_private_key_opens_with_its_passphrase(passphrase):
    assert PrivateKey.from_pem(KEY.to_pem(passphrase), passphrase).fingerprint == KEY.fingerprint


@pytest.mark.parametrize(
    ("written", "opened", "words"),
    [("one", "other", "did not open"), ("one", None, "needs a passphrase"), (None, "one", "has no passphrase")],
)
def test_a_private_key_stays_shut_otherwise(written, opened, words):
    with pytest.raises(KeyRefused, match=words):
        PrivateKey.from_pem(KEY.to_pem(written), opened)


def test_what_is_no_private_key_of_ours_is_refused():
    with pytest.raises(KeyRefused, match="not a PKCS #8 PEM file"):
        PrivateKey.from_pem(b"hello", None)


def test_a_private_key_does_not_show_itself():
    assert repr(KEY) == f"PrivateKey({KEY.fingerprint})"


def test_openssl_opens_the_encrypted_key(tmp_path):
    file = tmp_path / "key.pem"
    file.write_bytes(KEY.to_pem("a long walk home"))
    command = ["openssl", "pkey", "-in", file, "-passin", "pass:a long walk home", "-pubout", "-outform", "DER"]
    public = subprocess.run(command, capture_output=True, check=True).stdout
    assert public.endswith(PUBLIC.raw)
