"""What was validated at full size is the science that stands here."""

import json
from pathlib import Path

import pytest

from homeward.provenance import digest_of_science

RESULTS = sorted((Path(__file__).parents[2] / "validation" / "results").glob("*.json"))


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
