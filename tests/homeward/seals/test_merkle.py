"""The log that keeps subtrees agrees with the definition; proofs hold, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import SealBroken
from homeward.seals.merkle import (
    append,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    log_entry,
    node_hash,
    plain_consistency_proof,
    plain_inclusion_proof,
    plain_root,
    root_of,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = [b"entry %d" % index for index in range(70)]
PAIRS = st.tuples(st.integers(0, 70), st.integers(0, 70)).map(sorted)


def kept(entries):
    """The subtrees of a log that grew entry by entry."""
    nodes = {}
    for size, entry in enumerate(entries):
        for level, index, made in append(size, leaf_hash(entry), lambda level, index: nodes[level, index]):
            assert (level, index) not in nodes
            nodes[level, index] = made
    return lambda level, index: nodes[level, index]


NODE = kept(ENTRIES)


def test_three_entries_by_hand():
    a, b, c = (leaf_hash(entry) for entry in ENTRIES[:3])
    assert plain_root(ENTRIES[:3]) == node_hash(node_hash(a, b), c)
    assert inclusion_proof(2, 3, NODE) == [node_hash(a, b)]
    assert inclusion_proof(0, 3, NODE) == [b, c]
    assert consistency_proof(2, 3, NODE) == [c]


@given(st.integers(0, 70))
def test_the_root_from_subtrees_is_the_root_by_definition(size):
    assert root_of(size, NODE) == plain_root(ENTRIES[:size])


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_the_inclusion_proof_is_that_of_the_definition_and_holds(place):
    index, size = place
    proof = inclusion_proof(index, size, NODE)
    assert proof == plain_inclusion_proof(index, ENTRIES[:size])
    verify_inclusion(leaf_hash(ENTRIES[index]), index, size, proof, root_of(size, NODE))


@given(PAIRS)
def test_the_consistency_proof_is_that_of_the_definition_and_holds(sizes):
    old, new = sizes
    proof = consistency_proof(old, new, NODE)
    assert proof == plain_consistency_proof(old, ENTRIES[:new])
    verify_consistency(old, new, root_of(old, NODE), root_of(new, NODE), proof)


def test_appending_makes_fewer_than_two_subtrees_an_entry():
    made = sum(len(append(size, b"", lambda level, index: b"")) for size in range(4096))
    assert made == 2 * 4096 - 1


def changed(proof, data):
    """A proof with one thing wrong: a bit, one hash fewer, more, or two in another order."""
    how = data.draw(st.sampled_from(["bit", "fewer", "more", "order"] if len(proof) > 1 else ["bit", "fewer", "more"]))
    at = data.draw(st.integers(0, len(proof) - 1))
    if how == "fewer":
        return proof[:at] + proof[at + 1 :]
    if how == "more":
        return [*proof[:at], data.draw(st.binary(min_size=32, max_size=32)), *proof[at:]]
    if how == "order":
        return proof[1:] + proof[:1]
    bit = data.draw(st.integers(0, 255))
    flipped = bytearray(proof[at])
    flipped[bit // 8] ^= 1 << bit % 8
    return [*proof[:at], bytes(flipped), *proof[at + 1 :]]


@given(st.integers(2, 70).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))), st.data())
def test_a_changed_inclusion_proof_does_not_hold(place, data):
    index, size = place
    proof = changed(inclusion_proof(index, size, NODE), data)
    with pytest.raises(SealBroken) as refusal:
        verify_inclusion(leaf_hash(ENTRIES[index]), index, size, proof, root_of(size, NODE))
    assert refusal.value.code == "proof"


@given(st.integers(2, 70).flatmap(lambda new: st.tuples(st.integers(1, new - 1), st.just(new))), st.data())
def test_a_changed_consistency_proof_does_not_hold(sizes, data):
    old, new = sizes
    proof = changed(consistency_proof(old, new, NODE), data)
    with pytest.raises(SealBroken) as refusal:
        verify_consistency(old, new, root_of(old, NODE), root_of(new, NODE), proof)
    assert refusal.value.code == "split-view"


@given(st.integers(2, 70).flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new))), st.data())
def test_a_log_with_one_entry_rewritten_does_not_continue_the_old_one(sizes, data):
    old, new = sizes
    at = data.draw(st.integers(0, old - 1))
    rewritten = [*ENTRIES[:at], b"another", *ENTRIES[at + 1 : new]]
    proof = plain_consistency_proof(old, rewritten)
    with pytest.raises(SealBroken):
        verify_consistency(old, new, root_of(old, NODE), plain_root(rewritten), proof)


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))), st.integers(-1, 71))
def test_an_entry_is_not_proved_at_another_place(place, claimed):
    index, size = place
    proof = inclusion_proof(index, size, NODE)
    accepted = True
    try:
        verify_inclusion(leaf_hash(ENTRIES[index]), claimed, size, proof, root_of(size, NODE))
    except SealBroken:
        accepted = False
    assert accepted == (claimed == index)


@pytest.mark.parametrize(
    ("old", "new", "proof"), [(5, 4, []), (0, 3, [bytes(32)]), (3, 3, [bytes(32)]), (3, 5, []), (4, 5, []), (-1, 4, [])]
)
def test_sizes_and_proofs_that_do_not_belong_together_are_refused(old, new, proof):
    roots = [root_of(max(size, 0), NODE) for size in (old, new)]
    with pytest.raises(SealBroken):
        verify_consistency(old, new, *roots, proof)


def test_two_logs_of_one_size_with_two_roots_are_a_split_view():
    with pytest.raises(SealBroken, match="two roots"):
        verify_consistency(3, 3, root_of(3, NODE), root_of(4, NODE), [])


def test_a_log_says_nothing_of_entries_it_has_not():
    with pytest.raises(IndexError):
        inclusion_proof(3, 3, NODE)
    with pytest.raises(IndexError):
        consistency_proof(4, 3, NODE)


def test_an_entry_is_a_signature_on_a_statement():
    assert log_entry("sha256:ab", "cd", b"hi") == b'{"key":"cd","sig":"aGk=","statement":"sha256:ab"}'
