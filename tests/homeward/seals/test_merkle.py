"""The log that keeps subtrees agrees with the definition; proofs hold, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import SealBroken
from homeward.seals.merkle import (
    Inclusion,
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


def said(check, *arguments):
    """The words with which something is refused; none if it is not."""
    try:
        check(*arguments)
    except SealBroken as refusal:
        return str(refusal)
    return ""


@st.composite
def claims(draw, size):
    """An entry with its proof, true or not: of another place, size or entry, altered, with foreign nodes."""
    index = draw(st.integers(0, size - 1))
    of = draw(st.just(index) | st.integers(0, size - 1))
    within = draw(st.just(size) | st.integers(of + 1, 70))
    proof = inclusion_proof(of, within, NODE)
    proof = draw(st.sampled_from([proof, changed(proof, draw(st.data())) if proof else proof]))
    foreign = draw(st.lists(st.integers(0, 69).map(lambda at: NODE(0, at)), max_size=2))
    proof = draw(st.sampled_from([proof, [*proof[: len(proof) // 2], *foreign, *proof[len(proof) // 2 :]]]))
    leaf = leaf_hash(ENTRIES[draw(st.just(of) | st.just(index) | st.integers(0, 69))])
    return leaf, draw(st.just(of) | st.just(index) | st.integers(-1, 71)), tuple(proof)


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.lists(claims(size), max_size=12))))
def test_many_entries_of_one_log_are_answered_each_as_the_definition_answers_it(asked):
    size, claimed = asked
    root = root_of(size, NODE)
    inclusion = Inclusion(size, root)
    for leaf, index, proof in claimed:
        assert said(inclusion.verify, leaf, index, proof) == said(verify_inclusion, leaf, index, size, proof, root)


@given(st.integers(1, 70), st.permutations(range(70)))
def test_all_entries_of_a_log_hold_in_any_order(size, order):
    inclusion = Inclusion(size, root_of(size, NODE))
    for index in (one for one in order if one < size):
        inclusion.verify(leaf_hash(ENTRIES[index]), index, tuple(inclusion_proof(index, size, NODE)))


def test_a_path_that_led_nowhere_vouches_for_none():
    root, leaves = root_of(8, NODE), [b"a" * 32, b"b" * 32]
    inclusion = Inclusion(8, root)
    above = tuple(inclusion_proof(0, 8, NODE))[1:]
    for index, leaf in enumerate(leaves):
        with pytest.raises(SealBroken):
            inclusion.verify(leaf, index, (leaves[1 - index], *above))


def test_a_node_that_was_proved_is_none_at_another_place_or_with_another_way_to_go():
    inclusion = Inclusion(8, root_of(8, NODE))
    first = tuple(inclusion_proof(0, 8, NODE))
    inclusion.verify(leaf_hash(ENTRIES[0]), 0, first)
    for leaf, index, proof in [
        (leaf_hash(ENTRIES[0]), 2, first),
        (leaf_hash(ENTRIES[1]), 1, (leaf_hash(ENTRIES[0]), *first[2:])),
        (leaf_hash(ENTRIES[1]), 1, (leaf_hash(ENTRIES[0]), first[2], first[1])),
        (NODE(1, 0), 0, first[1:]),
    ]:
        with pytest.raises(SealBroken):
            inclusion.verify(leaf, index, proof)


def test_neighbours_are_hashed_only_as_far_as_their_paths_are_their_own(monkeypatch):
    hashed = []
    proofs = [tuple(inclusion_proof(index, 64, NODE)) for index in range(64)]
    inclusion = Inclusion(64, root_of(64, NODE))
    monkeypatch.setattr("homeward.seals.merkle.node_hash", lambda *pair: hashed.append(pair) or node_hash(*pair))
    for index, proof in enumerate(proofs):
        inclusion.verify(leaf_hash(ENTRIES[index]), index, proof)
    assert len(hashed) < 2 * 64 + 6


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
