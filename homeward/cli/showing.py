"""What every command shares: refusals in words, progress on standard error, lists of faults."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from homeward.errors import Cancelled, Fault, HomewardError

if TYPE_CHECKING:
    from homeward.progress import Tick

LISTED = 200  # faults shown; the rest is counted
Command = TypeVar("Command", bound=Callable[..., Any])


def refusals_shown(command: Command) -> Command:
    """Turn what Homeward refuses into a sentence and an exit status."""
    from functools import wraps

    @wraps(command)
    def shown(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (KeyboardInterrupt, Cancelled):
            click.echo("Stopped. Nothing was written.", err=True)
            sys.exit(130)
        except HomewardError as refusal:
            click.echo(plain(f"Refused: {refusal}"), err=True)
            sys.exit(1)

    return shown  # type: ignore[return-value]


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Tick]:
    """A bar on standard error, one line a stage; plain lines where it is not a terminal."""
    from homeward.progress import silent

    if quiet:
        yield silent
    elif sys.stderr.isatty():
        with _terminal_bar() as tick:
            yield tick
    else:
        yield _plain_lines()


@contextmanager
def _terminal_bar() -> Iterator[Tick]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, Any] = {}

        def tick(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield tick


def _plain_lines() -> Tick:
    """One line when a stage begins and one when it ends, for logs."""
    shown: dict[str, int] = {}

    def tick(stage: str, done: int, total: int) -> None:
        quarter = 4 * done // total if total else 4
        if shown.get(stage) != quarter:
            shown[stage] = quarter
            click.echo(f"{stage}: {done:,} of {total:,}", err=True)

    return tick


def list_faults(title: str, faults: tuple[Fault, ...], *, err: bool = False) -> None:
    if faults:
        click.echo(f"{title}: {len(faults):,}", err=err)
    for fault in faults[:LISTED]:
        click.echo(plain(f"  {fault}"), err=err)
    if len(faults) > LISTED:
        click.echo(f"  ... and {len(faults) - LISTED:,} more", err=err)


def plain(text: str) -> str:
    """Text with every sign that a terminal would obey rather than show written as its number.

    >>> plain("one\\x1b[2Jtwo")
    'one\\\\u{1b}[2Jtwo'
    """
    return "".join(sign if sign.isprintable() else f"\\u{{{ord(sign):x}}}" for sign in text)
