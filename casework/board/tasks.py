"""What the background worker does for the board."""

from django_tasks import task

from casework.board import analyses, comparison
from casework.runs.work import carry_out


@task()
def identify_remains(number: int) -> None:
    """Carry out the run with this number."""
    carry_out(number, compute=comparison.compute, keep=comparison.keep)


@task()
def analyse(number: int) -> None:
    """Carry out the run with this number: a comparison by all systems, a test of references, or of power."""
    carry_out(number, compute=analyses.compute, keep=analyses.keep)
