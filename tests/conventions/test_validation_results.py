"""What was validated at full size is the code that stands here."""

import json
from pathlib import Path

import pytest

from homeward.provenance import digest_of_science
from validation import beliefs, campaigns, joint, roster, scan, seals, worlds
from validation.parts import code_of

IN_PARTS = {module.RESULT: module.PARTS for module in (beliefs, campaigns, joint, roster, seals, scan, worlds)}
RESULTS = sorted(set((Path(__file__).parents[2] / "validation" / "results").glob("*.json")) - IN_PARTS.keys())
PARTS = [(result, part) for result, parts in IN_PARTS.items() for part in parts]


def sections(result):
    """The sections of a committed result; none if nothing was validated yet."""
    return json.loads(result.read_text(encoding="utf-8"))["parts"] if result.exists() else {}


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


@pytest.mark.parametrize("result", IN_PARTS, ids=lambda result: result.stem)
def test_nothing_is_vouched_for_that_is_no_part_of_the_validation(result):
    assert set(sections(result)) <= {part.name for part in IN_PARTS[result]}


@pytest.mark.parametrize(("result", "part"), PARTS, ids=[f"{result.stem}-{part.name}" for result, part in PARTS])
def test_a_committed_validation_belongs_to_this_code(result, part):
    done = sections(result)
    if part.name not in done:
        pytest.skip(f"*** NOT VALIDATED AT FULL SIZE YET: {part.name}. Run make validate and commit the result. ***")
    assert done[part.name]["code"] == code_of(part), (
        f"{result.name} vouches for other code than this one in {part.name}: run make validate and commit it"
    )
    assert done[part.name]["holds"]
