"""What the background worker does for the board."""

from django_tasks import task

from casework.board import comparison
from casework.runs.work import carry_out


@task()
def identify_remains(number: int) -> None:
    """Carry out the run with this number."""
    carry_out(number, compute=comparison.compute, keep=comparison.keep)
