"""Runs that compute next to nothing."""

import pytest

from casework.runs.actions import Finding


@pytest.fixture(autouse=True)
def _folders_of_a_test(settings, tmp_path):
    settings.VAR = tmp_path


@pytest.fixture
def analyst(arvad, admit):
    return admit(arvad, "dna_analyst")


@pytest.fixture
def found():
    """What a computation gives."""
    return Finding(case_digest="sha256:1f", provenance={"version": "1"}, settings={"seed": 1}, summary={"remains": 3})
