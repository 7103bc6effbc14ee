"""Statements are prepared once, signed offline and logged; whatever does not fit is refused with its reason."""

import pytest
from django.db import DatabaseError, connection, transaction

from casework.journal.models import Record
from casework.parties.actions import revoke_key
from casework.parties.models import Key
from casework.parties.refusal import Refused
from casework.seals import actions, log, queries
from casework.seals.models import Entry, Signer, Statement
from homeward.seals import merkle
from homeward.seals.envelope import Envelope, Signature, cosign, merge, sign
from homeward.seals.keys import PrivateKey

pytestmark = pytest.mark.django_db


def signed(statement, *keys) -> bytes:
    envelope = sign(bytes(statement.payload), keys[0])
    for key in keys[1:]:
        envelope = cosign(envelope, key)
    return envelope.to_bytes()


def test_a_prepared_statement_has_exact_bytes_and_nobody_has_signed_it(keys, propose):
    statement = propose()

    said = queries.read(statement)
    assert said.payload == bytes(statement.payload)
    assert said.digest == statement.digest
    assert [(one.party, one.key) for one in said.signers] == [
        ("arvad", keys["arvad"].fingerprint),
        ("belmar", keys["belmar"].fingerprint),
    ]
    assert not statement.stands
    assert not Entry.objects.exists()


def test_a_signature_is_logged_for_every_party_concerned_and_both_signatures_make_it_stand(cast, keys, propose):
    statement = propose()

    actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"]))
    actions.sign(by=cast["belmar"], envelope=signed(statement, keys["belmar"]))

    statement.refresh_from_db()
    assert statement.stands
    assert [(one.log.code, one.index) for one in Entry.objects.all()] == [
        ("arvad", 0), ("arvad", 1), ("belmar", 0), ("belmar", 1), ("observer", 0), ("observer", 1),
    ]  # fmt: skip


def test_both_signatures_may_come_in_one_envelope_and_the_authors_is_logged_first(cast, keys, propose, arvad):
    statement = propose()

    actions.sign(by=cast["belmar"], envelope=signed(statement, keys["belmar"], keys["arvad"]))

    order = list(Entry.objects.filter(log=arvad).values_list("fingerprint", flat=True))
    assert order == [keys["arvad"].fingerprint, keys["belmar"].fingerprint]


def test_the_same_envelope_again_changes_nothing(cast, keys, propose):
    statement = propose()
    envelope = signed(statement, keys["arvad"])
    actions.sign(by=cast["arvad"], envelope=envelope)
    before = (Entry.objects.count(), Record.objects.count())

    actions.sign(by=cast["arvad"], envelope=envelope)

    assert (Entry.objects.count(), Record.objects.count()) == before


def test_an_act_of_signing_is_in_the_journal_under_the_statements_digest(cast, keys, propose):
    statement = propose()
    actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"]))

    verbs = list(Record.objects.filter(object=f"statement:{statement.digest}").values_list("verb", flat=True))

    assert verbs == ["seals.sign", "seals.prepare"]


def refusal(**given) -> str:
    with pytest.raises(Refused) as refused:
        actions.sign(**given)
    assert not Entry.objects.exists()
    assert not Signer.objects.exclude(signed_at=None).exists()
    return refused.value.code


def test_a_file_that_is_no_envelope_is_refused(cast, keys, propose):
    propose()

    codes = {
        refusal(by=cast["arvad"], envelope=given) for given in (b"", b"\x00\xff", b"{}", b"PK\x03\x04", b"[" * 9000)
    }

    assert codes == {"envelope-unreadable"}


def test_other_bytes_than_the_statements_are_refused(cast, keys, propose):
    statement = propose()
    altered = bytes(statement.payload).replace(b"Fifty-five", b"Fifty-four")

    envelope = sign(altered, keys["arvad"]).to_bytes()

    assert refusal(by=cast["arvad"], envelope=envelope, expected=statement) == "payload-altered"
    assert refusal(by=cast["arvad"], envelope=envelope) == "unknown-statement"


def test_whoever_is_not_among_the_signers_is_refused(cast, keys, propose):
    statement = propose()

    assert refusal(by=cast["arvad"], envelope=signed(statement, keys["observer"])) == "not-a-signer"


def test_one_stranger_among_good_signatures_refuses_all(cast, keys, propose):
    statement = propose()

    assert refusal(by=cast["arvad"], envelope=signed(statement, keys["arvad"], PrivateKey.generate())) == "not-a-signer"


def test_a_revoked_key_is_refused(cast, keys, propose, admit, arvad):
    statement = propose()
    key = Key.objects.get(fingerprint=keys["arvad"].fingerprint)
    revoke_key(by=admit(arvad, "authority"), key=key, reason="the officer left")

    assert refusal(by=cast["arvad"], envelope=signed(statement, keys["arvad"])) == "key-revoked"


def test_what_a_key_signed_before_it_was_revoked_stands(cast, keys, propose, admit, arvad):
    statement = propose()
    envelope = signed(statement, keys["arvad"], keys["belmar"])
    actions.sign(by=cast["arvad"], envelope=envelope)
    revoke_key(by=admit(arvad, "authority"), key=Key.objects.get(fingerprint=keys["arvad"].fingerprint), reason="lost")

    assert actions.sign(by=cast["arvad"], envelope=envelope).stands


def test_a_signature_that_does_not_fit_the_bytes_is_refused(cast, keys, propose):
    statement = propose()
    other = sign(b"something else", keys["arvad"]).signatures[0].sig

    envelope = Envelope(bytes(statement.payload), (Signature(keys["arvad"].fingerprint, other),))

    assert refusal(by=cast["arvad"], envelope=envelope.to_bytes()) == "signature-bad"


def test_an_envelope_without_signatures_is_refused(cast, keys, propose):
    statement = propose()

    assert refusal(by=cast["arvad"], envelope=Envelope(bytes(statement.payload)).to_bytes()) == "no-signature"


def test_a_role_that_may_not_sign_is_refused(keys, propose, admit, arvad):
    statement = propose()

    code = refusal(by=admit(arvad, "registrar"), envelope=signed(statement, keys["arvad"]))

    assert code == "not-permitted"


def test_a_party_that_is_not_named_does_not_find_the_statement(cast, keys, propose, admit):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    stranger = admit(found_party(by=Operator(), code="cathay", name="Cathay"), "negotiator")
    statement = propose()
    actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"]))

    assert not queries.statements(by=stranger).exists()
    with pytest.raises(Refused) as refused:
        actions.sign(by=stranger, envelope=signed(statement, keys["belmar"]))
    assert refused.value.code == "unknown-statement"


def test_a_neutral_that_is_named_sees_a_statement_once_its_author_has_signed(cast, keys, propose):
    statement = propose()
    before = queries.statements(by=cast["observer"]).exists()

    actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"]))

    assert not before
    assert queries.statement(statement.digest, by=cast["observer"]).digest == statement.digest


def test_what_one_side_says_about_a_statement_of_both_is_seen_by_the_other(cast, keys, propose, belmar):
    proposal = propose()
    actions.sign(by=cast["arvad"], envelope=signed(proposal, keys["arvad"]))
    reservation = actions.prepare(
        by=cast["belmar"],
        kind="reservation",
        subject=proposal.subject,
        body={
            "number": "R-1", "on": proposal.digest, "lines": [], "containers": [],
            "text": [{"lang": "en", "text": "We count fifty-four."}],
        },
        signers=[(belmar, "author")],
    )  # fmt: skip
    actions.sign(by=cast["belmar"], envelope=signed(reservation, keys["belmar"]))

    said = queries.about("transfer:T-2018-01", by=cast["arvad"])

    assert [(one.statement.kind, one.signed, one.index) for one in said] == [
        ("proposal", frozenset({"arvad"}), 0),
        ("reservation", frozenset({"belmar"}), 1),
    ]


def test_it_awaits_those_who_have_not_signed(cast, keys, propose):
    statement = propose()
    actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"]))

    assert not queries.awaiting(by=cast["arvad"]).exists()
    assert queries.awaiting(by=cast["belmar"]).get() == statement


def test_a_log_is_what_the_plain_definition_says_and_proves_every_entry(cast, keys, propose, arvad):
    for number in range(11):
        statement = propose(date=f"2018-07-{number + 1:02}")
        actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"]))

    leaves = list(log.plain_leaves(arvad))

    root = merkle.plain_root(leaves)
    assert log.root_of(arvad) == root
    for entry in Entry.objects.filter(log=arvad):
        proof = log.inclusion_proof(entry, 11)
        merkle.verify_inclusion(merkle.leaf_hash(bytes(entry.leaf)), entry.index, 11, proof, root)
    assert log.consistency_proof(arvad, 4, 11) == merkle.plain_consistency_proof(4, leaves)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE seals_statement SET payload = payload",
        "UPDATE seals_statement SET subject = 'transfer:other'",
        "DELETE FROM seals_statement",
        "UPDATE seals_signer SET sig = sig",
        "UPDATE seals_signer SET signed_at = NULL",
        "DELETE FROM seals_signer",
        "UPDATE seals_entry SET leaf = leaf",
        "DELETE FROM seals_entry",
        "UPDATE seals_node SET hash = hash",
        "DELETE FROM seals_node",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_signed(tampering, cast, keys, propose):
    statement = propose()
    actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"], keys["belmar"]))

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(tampering)


def test_nobody_prepares_a_statement_in_the_name_of_another(cast, arvad, belmar):
    with pytest.raises(Refused) as refused:
        actions.prepare(by=cast["belmar"], kind="abort", subject="transfer:T", body={}, signers=[(arvad, "author")])

    assert refused.value.code == "not-the-author"


def test_a_body_that_is_not_what_the_kind_needs_is_refused_with_every_reason(cast, arvad):
    with pytest.raises(Refused) as refused:
        actions.prepare(
            by=cast["arvad"], kind="abort", subject="transfer:T", body={"why": "x"}, signers=[(arvad, "author")]
        )

    assert refused.value.code == "statement-refused"
    assert refused.value.about["reasons"]


def test_an_unsigned_statement_is_discarded_by_its_author_alone_and_stays_in_the_journal(cast, keys, propose):
    statement = propose()
    with pytest.raises(Refused) as refused:
        actions.discard(by=cast["belmar"], statement=statement)

    actions.discard(by=cast["arvad"], statement=statement)

    assert refused.value.code == "not-found"
    assert not queries.statements(by=cast["arvad"]).exists()
    assert Statement.objects.filter(pk=statement.pk).exists()
    assert Record.objects.filter(verb="seals.discard", object=f"statement:{statement.digest}").exists()


def test_a_signed_statement_is_not_discarded_but_voided_by_those_who_signed_it(cast, keys, propose):
    statement = propose()
    actions.sign(by=cast["arvad"], envelope=signed(statement, keys["arvad"], keys["belmar"]))
    with pytest.raises(Refused) as refused:
        actions.discard(by=cast["arvad"], statement=statement)

    void = actions.void(by=cast["belmar"], statement=statement, reason="a line stands twice")
    actions.sign(by=cast["belmar"], envelope=signed(void, keys["belmar"]))
    half = queries.statement(statement.digest, by=cast["arvad"]).voided_by
    actions.sign(by=cast["arvad"], envelope=signed(void, keys["arvad"]))

    assert refused.value.code == "signed-already"
    assert half is None
    assert queries.statement(statement.digest, by=cast["arvad"]).voided_by == void


def test_on_paper_both_sign_and_the_entry_against_the_digest_makes_it_stand(cast, propose):
    statement = propose()
    signatures = [
        {"party": code, "name": "N. N.", "office": "", "signed_on": "2018-07-27"} for code in ("arvad", "belmar")
    ]

    actions.enter_paper(by=cast["arvad"], statement=statement, signed_by=signatures, copy=1, copies=3)

    statement.refresh_from_db()
    assert statement.stands
    assert list(statement.signers.values_list("on_paper", flat=True)) == [True, True]
    assert [one.statement.kind for one in queries.about(statement.subject, by=cast["belmar"])] == ["paper", "proposal"]


def test_paper_does_not_stand_in_for_another_party_whose_key_the_statement_names(cast, keys, propose):
    statement = propose()
    signatures = [{"party": "belmar", "name": "N. N.", "office": "", "signed_on": "2018-07-27"}]

    with pytest.raises(Refused) as refused:
        actions.enter_paper(by=cast["arvad"], statement=statement, signed_by=signatures)

    assert refused.value.code == "signs-by-key"


def test_merged_envelopes_hold_both_signatures(keys, propose):
    statement = propose()
    one, other = (sign(bytes(statement.payload), keys[code]) for code in ("arvad", "belmar"))

    assert len(merge(one, other).signatures) == 2
