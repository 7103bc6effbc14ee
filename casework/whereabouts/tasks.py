"""What the background worker does for the search."""

from django_tasks import task

from casework.runs.work import carry_out
from casework.whereabouts import planned


@task()
def plan_season(number: int) -> None:
    """Carry out the run with this number: a season's plan."""
    carry_out(number, compute=planned.compute, keep=planned.keep)
