"""What was validated at full size is the code that stands here."""

import json
from pathlib import Path

import pytest

from homeward.provenance import digest_of_science
from validation.parts import code_of
from validation.seals import PARTS, RESULT

RESULTS = sorted(set((Path(__file__).parents[2] / "validation" / "results").glob("*.json")) - {RESULT})


@pytest.mark.skipif(
    not RESULTS, reason="nothing was validated at full size yet: run make validate and commit the result"
)
def test_every_committed_validation_belongs_to_this_science():
    now = digest_of_science()
    for path in RESULTS:
        validated = json.loads(path.read_text(encoding="utf-8"))["science"]
        assert validated == now, (
            f"{path.name} vouches for another science than this one: run make validate and commit it"
        )


SEALS = json.loads(RESULT.read_text(encoding="utf-8"))["parts"] if RESULT.exists() else {}


def test_nothing_is_vouched_for_that_is_no_part_of_the_validation():
    assert set(SEALS) <= {part.name for part in PARTS}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_committed_validation_of_the_seals_belongs_to_this_code(part):
    if part.name not in SEALS:
        pytest.skip(f"*** NOT VALIDATED AT FULL SIZE YET: {part.name}. Run make validate and commit the result. ***")
    assert SEALS[part.name]["code"] == code_of(part), (
        f"{RESULT.name} vouches for other code than this one in {part.name}: run make validate and commit it"
    )
    assert SEALS[part.name]["holds"]
