"""What anyone might do to a bundle is seen. Ten thousand of these in ``make validate``, three hundred here."""

from homeward.seals.anchors import Anchors
from homeward.seals.verify import verify
from tests.homeward.seals.mutations import MUTATIONS, mutants

COUNT, SEED = 300, 3


def test_no_mutation_is_called_valid():
    verdicts = [verify(one.bundle, Anchors.read(one.anchors) if one.anchors else None) for one in mutants(SEED, COUNT)]
    assert {report.verdict for report in verdicts} == {"broken", "unanchored"}


def test_the_same_seed_gives_the_same_mutants():
    assert list(mutants(SEED, 60)) == list(mutants(SEED, 60))


def test_every_mutation_is_drawn():
    drawn = {one.name.split(", ")[1] for one in mutants(SEED, 2000)}
    assert drawn == set(MUTATIONS)
