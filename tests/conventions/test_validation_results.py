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


@pytest.mark.skipif(
    not RESULT.exists(), reason="the seals were not validated at full size yet: run make validate and commit the result"
)
def test_every_part_of_the_committed_validation_of_the_seals_belongs_to_this_code():
    validated = json.loads(RESULT.read_text(encoding="utf-8"))["parts"]
    assert set(validated) == {part.name for part in PARTS}
    other = [part.name for part in PARTS if validated[part.name]["code"] != code_of(part)]
    assert not other, f"{RESULT.name} vouches for other code than this one: run make validate and commit it"
    assert all(section["holds"] for section in validated.values())
