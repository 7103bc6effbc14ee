"""Arvad's store and whoever keeps it."""

from __future__ import annotations

import pytest


@pytest.fixture
def keeper(admit, arvad):
    return admit(arvad, "custodian")


@pytest.fixture
def cases(keeper):
    """``cases("C-001 to C-003")``: empty cases of Arvad's in its depot."""
    from casework.custody import actions
    from casework.custody.numbers import listed

    def entered(numbers: str = "C-001", **values):
        values = {"store": "Tol depot", "place": "A1", **values}
        return actions.enter_containers(by=keeper, numbers=listed(numbers), **values)

    return entered


@pytest.fixture
def remains(keeper):
    """``remains("2022-109-I-01")``: an item of Arvad's."""
    from casework.custody import actions

    def entered(number: str = "2022-109-I-01", kind: str = "remains", **values):
        return actions.enter_item(by=keeper, number=number, kind=kind, **values)

    return entered


# ---------- A transfer from Belmar to Arvad through the Observer ----------


@pytest.fixture
def cast(arvad, belmar, observer, admit):
    """Whoever acts and signs for each party."""
    return {
        "arvad": admit(arvad, "negotiator", "custodian", username="karsk"),
        "belmar": admit(belmar, "negotiator", "custodian", username="amset"),
        "observer": admit(observer, "observer", username="veyra"),
    }


@pytest.fixture
def keys(cast, keyed, arvad, belmar, observer):
    return {party.code: keyed(party) for party in (arvad, belmar, observer)}


@pytest.fixture
def signed(cast, keys):
    """``signed(statement)``: signed by all who are asked, or by those named, each with its own key, offline."""
    from casework.seals.actions import sign
    from homeward.seals import envelope as dsse

    def by_all(statement, *codes: str):
        asked = [signer.party.code for signer in statement.signers.order_by("order")]
        for code in codes or asked:
            envelope = dsse.sign(bytes(statement.payload), keys[code])
            sign(by=cast[code], envelope=envelope.to_bytes())
        statement.refresh_from_db()
        return statement

    return by_all


@pytest.fixture
def transfer(cast, keys, belmar, arvad, observer):
    """A draft of Belmar's: nothing of it is seen by anyone else."""
    from casework.custody.transfers import draft_transfer

    return draft_transfer(
        by=cast["belmar"], sender=belmar, receiver=arvad, through=observer, planned_for="2018-07-27", place="Panmun"
    )


@pytest.fixture
def proposed(cast, transfer, signed):
    from casework.custody.transfers import propose

    signed(propose(by=cast["belmar"], transfer=transfer, number="T-2018-01"))
    transfer.refresh_from_db()
    return transfer


@pytest.fixture
def laden(cast, proposed):
    """``laden(5)``: so many cases of Belmar's, packed and weighed, stand on the lines; not sealed yet."""
    from casework.custody import actions
    from casework.custody.numbers import listed
    from casework.custody.transfers import Declared, list_lines

    def lined(number: int = 3, **values):
        by = cast["belmar"]
        boxes = actions.enter_containers(by=by, numbers=listed(f"C-001 to C-{number:03d}"), store="Tol depot")
        for at, box in enumerate(boxes):
            actions.pack(by=by, container=box, note="as described")
            actions.weigh(by=by, container=box, weight_g=6400 + at)
        lines = [Declared(container=box, description="remains", origin="Hill 482", **values) for box in boxes]
        list_lines(by=by, transfer=proposed, lines=lines)
        return boxes

    return lined


@pytest.fixture
def agreed(cast, laden, proposed, signed):
    """``agreed(5)``: a manifest of so many lines, signed by all."""
    from casework.custody.transfers import offer_manifest

    def manifest(number: int = 3, **values):
        boxes = laden(number, **values)
        signed(offer_manifest(by=cast["belmar"], transfer=proposed))
        proposed.refresh_from_db()
        return boxes

    return manifest


@pytest.fixture
def handed(cast, agreed, proposed, signed, arvad):
    """``handed(5)``: so many cases, sealed and handed over."""
    from casework.custody import actions
    from casework.custody.transfers import Handed, hand_over, seal_transfer

    def over(number: int = 3, **values):
        by = cast["belmar"]
        boxes = agreed(number, **values)
        for at, box in enumerate(boxes, 1):
            actions.seal(by=by, container=box, numbers=[f"BL {at:03d}"])
        signed(seal_transfer(by=by, transfer=proposed))
        rows = [
            Handed(line=at, container=box.number, seals=(f"BL {at:03d}",), bags=1, weight_g=6400 + at - 1)
            for at, box in enumerate(boxes, 1)
        ]
        signed(hand_over(by=by, transfer=proposed, lines=rows, to=arvad, received_by="D. Karsk"))
        proposed.refresh_from_db()
        return boxes

    return over


@pytest.fixture
def received(cast, handed, proposed, signed):
    """``received(3, {2: "not_received"})``: as handed over, but for the outcomes of some lines."""
    from casework.custody.transfers import Received, receive

    def counted(number: int = 3, outcomes=None, extras=(), **values):
        boxes = handed(number)
        rows = [
            Received(
                line=at, container=box.number, outcome=(outcomes or {}).get(at, "received"), seals=(f"BL {at:03d}",),
                weight_g=6400 + at - 1,
            )
            for at, box in enumerate(boxes, 1)
        ]  # fmt: skip
        rows += [Received(line=None, container=one, outcome="unlisted_extra") for one in extras]
        signed(receive(by=cast["arvad"], transfer=proposed, rows=rows, **values))
        proposed.refresh_from_db()
        return boxes

    return counted
