"""Published test vectors of everything the seals stand on: RFC 8785, RFC 8032, DSSE, RFC 6962, C2SP signed notes."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from homeward.errors import NotCanonical, SealBroken
from homeward.seals.canonical import canonical, read_canonical
from homeward.seals.checkpoint import COSIGNED, SIGNED, key_id, read_note
from homeward.seals.envelope import pae
from homeward.seals.keys import PrivateKey, PublicKey, fingerprint_of
from homeward.seals.merkle import (
    append,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    plain_consistency_proof,
    plain_inclusion_proof,
    plain_root,
    root_of,
    verify_consistency,
    verify_inclusion,
)


def vectors(name: str) -> Any:
    return json.loads((Path(__file__).parent / "seals" / name).read_text(encoding="utf-8"))


JCS, EDDSA, DSSE, CT, C2SP = (vectors(f"{name}.json") for name in ("rfc8785", "rfc8032", "dsse", "rfc6962", "c2sp"))


def key(raw: str) -> PublicKey:
    data = bytes.fromhex(raw)
    return PublicKey(fingerprint_of(data), data, "published", "", "party")


# RFC 8785


def test_keys_are_sorted_as_in_section_3_2_3() -> None:
    written = canonical(JCS["sorting"]["input"])
    assert list(read_canonical(written).values()) == JCS["sorting"]["order"]


@pytest.mark.parametrize("file", JCS["files"], ids=lambda file: file["name"])
def test_the_reference_files_are_written_as_published(file: dict[str, str]) -> None:
    assert canonical(json.loads(file["input"])) == file["output"].encode()
    assert read_canonical(file["output"].encode()) == json.loads(file["input"])


@pytest.mark.parametrize("file", JCS["files"], ids=lambda file: file["name"])
def test_the_reference_files_before_they_are_canonical_are_refused(file: dict[str, str]) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(file["input"].encode())


def test_the_sample_of_section_3_2_4_is_written_byte_for_byte_by_the_library_beneath() -> None:
    assert rfc8785.dumps(json.loads(JCS["sample"]["input"])).hex() == JCS["sample"]["bytes"]


def test_the_sample_without_its_fractions_is_written_as_published() -> None:
    sample = json.loads(JCS["sample"]["input"])
    published = bytes.fromhex(JCS["sample"]["bytes"])
    numbers = published[published.index(b'"numbers"') : published.index(b'"string"')]
    assert canonical({name: sample[name] for name in ("string", "literals")}) == published.replace(numbers, b"")


@pytest.mark.parametrize(("bits", "written"), JCS["numbers"]["samples"], ids=lambda value: value)
def test_the_library_beneath_writes_the_numbers_of_appendix_b(bits: str, written: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert rfc8785.dumps(number).decode() == written


@pytest.mark.parametrize("bits", JCS["numbers"]["refused"])
def test_the_library_beneath_refuses_what_is_no_number(bits: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(rfc8785.FloatDomainError):
        rfc8785.dumps(number)


@pytest.mark.parametrize(("bits", "written"), JCS["numbers"]["samples"][2:], ids=lambda value: value)
def test_our_subset_refuses_them_all_but_nought(bits: str, written: str) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(written.encode())
    assert read_canonical(b"0") == 0


# RFC 8032


@pytest.mark.parametrize("vector", EDDSA["vectors"], ids=lambda vector: vector["name"])
def test_keys_and_signatures_are_those_of_rfc_8032(vector: dict[str, str]) -> None:
    private = PrivateKey.from_seed(bytes.fromhex(vector["seed"]))
    assert private.raw_public.hex() == vector["public"]
    assert private.sign(bytes.fromhex(vector["message"])).hex() == vector["signature"]
    key(vector["public"]).verify(bytes.fromhex(vector["signature"]), bytes.fromhex(vector["message"]))


@pytest.mark.parametrize("vector", EDDSA["vectors"], ids=lambda vector: vector["name"])
def test_a_signature_whose_second_half_is_not_reduced_is_refused(vector: dict[str, str]) -> None:
    order = 2**252 + 27742317777372353535851937790883648493  # L, section 5.1
    signature = bytes.fromhex(vector["signature"])
    second = int.from_bytes(signature[32:], "little") + order
    with pytest.raises(SealBroken):
        key(vector["public"]).verify(signature[:32] + second.to_bytes(32, "little"), bytes.fromhex(vector["message"]))


# DSSE


def test_the_encoding_is_that_of_the_worked_example() -> None:
    example = DSSE["example"]
    assert pae(example["payload"].encode(), example["type"]) == example["pae"].encode()


@pytest.mark.parametrize("vector", DSSE["accepted"], ids=lambda vector: vector["id"])
def test_what_is_signed_and_its_signatures_are_those_published(vector: dict[str, Any]) -> None:
    encoded = pae(base64.b64decode(vector["payload"]), vector["type"])
    assert encoded.hex() == vector["pae"]
    for name, signature in vector["signatures"].items():
        key(DSSE["keys"][name]).verify(base64.b64decode(signature), encoded)


@pytest.mark.parametrize("vector", DSSE["rejected"], ids=lambda vector: vector["id"])
def test_a_signature_for_another_type_is_refused(vector: dict[str, Any]) -> None:
    encoded = pae(base64.b64decode(vector["payload"]), vector["type"])
    with pytest.raises(SealBroken):
        key(DSSE["keys"]["A"]).verify(base64.b64decode(vector["signatures"]["A"]), encoded)


# RFC 6962

ENTRIES = [bytes.fromhex(entry) for entry in CT["entries"]]
ROOTS = [bytes.fromhex(root) for root in [CT["empty_root"], *CT["roots"]]]
NODES: dict[tuple[int, int], bytes] = {}


def node(level: int, index: int) -> bytes:
    return NODES[level, index]


for _size, _entry in enumerate(ENTRIES):
    NODES.update({(level, index): made for level, index, made in append(_size, leaf_hash(_entry), node)})


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_published(size: int) -> None:
    assert plain_root(ENTRIES[:size]) == root_of(size, node) == ROOTS[size]


@pytest.mark.parametrize("vector", CT["inclusion"], ids=lambda vector: f"{vector['index']} of {vector['size']}")
def test_inclusion_proofs_are_those_published(vector: dict[str, Any]) -> None:
    index, size = vector["index"], vector["size"]
    proof = [bytes.fromhex(one) for one in vector["proof"]]
    assert plain_inclusion_proof(index, ENTRIES[:size]) == inclusion_proof(index, size, node) == proof
    verify_inclusion(leaf_hash(ENTRIES[index]), index, size, proof, ROOTS[size])


@pytest.mark.parametrize("vector", CT["consistency"], ids=lambda vector: f"{vector['old']} to {vector['new']}")
def test_consistency_proofs_are_those_published(vector: dict[str, Any]) -> None:
    old, new = vector["old"], vector["new"]
    proof = [bytes.fromhex(one) for one in vector["proof"]]
    assert plain_consistency_proof(old, ENTRIES[:new]) == consistency_proof(old, new, node) == proof
    verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)


# C2SP


def verifier_key(text: str) -> tuple[str, str, int, bytes]:
    """Name, identifier, type and key of a vkey as C2SP writes it."""
    name, identifier, encoded = text.split("+", 2)
    data = base64.b64decode(encoded)
    return name, identifier, data[0], data[1:]


@pytest.mark.parametrize("vector", C2SP["notes"], ids=lambda vector: vector["where"])
def test_notes_are_signed_as_published(vector: dict[str, str]) -> None:
    name, identifier, kind, raw = verifier_key(vector["vkey"])
    _, signer, encoded = vector["line"].split(" ")
    signature = base64.b64decode(encoded)
    assert (kind, signer) == (SIGNED, name)
    assert key_id(name, raw).hex() == signature[:4].hex() == identifier
    key(raw.hex()).verify(signature[4:], vector["text"].encode())


@pytest.mark.parametrize("vkey", C2SP["cosigners"])
def test_cosigners_keys_are_called_as_published(vkey: str) -> None:
    name, identifier, kind, raw = verifier_key(vkey)
    assert kind == COSIGNED
    assert key_id(name, raw, COSIGNED).hex() == identifier


def test_a_cosigned_checkpoint_is_read_as_published() -> None:
    example = C2SP["checkpoint"]
    note = read_note(example["note"])
    assert (note.checkpoint.origin, note.checkpoint.size) == (example["origin"], example["size"])
    assert [one.name for one in note.signatures] == example["names"]
    assert int.from_bytes(note.signatures[1].sig[:8], "big") == example["time"]
    assert note.text == example["note"]
