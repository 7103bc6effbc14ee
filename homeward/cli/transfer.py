"""``homeward transfer ...``: say anything in a transfer, and see where it stands, with files and no application."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.showing import list_faults, plain, refusals_shown
from homeward.seals.bodies import KINDS

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from homeward.seals.transfer import Account, Question, Seen

Say = Callable[[str], str]  # a key of the words -> the word in the reader's language
FILE = click.Path(path_type=Path)
STAGES = ("declared", "handed_over", "received", "inspected")


@click.group()
def transfer() -> None:
    """Draft what is said in a transfer, and account for it."""


@transfer.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--from-file", "source", required=True, type=FILE, help="The draft: NAME.toml or NAME.json.")
@click.option("--out", required=True, type=FILE, help="The statement to write, ready to sign.")
@click.option("--openings", type=FILE, help="Where to keep the openings of what the draft withholds.")
@refusals_shown
def draft(kind: str, source: Path, out: Path, openings: Path | None) -> None:
    """Make the exact bytes of a statement.

    KIND says which statement it is. The draft is written by hand; every fault is told with its line, and nothing is
    written while there is one.
    """
    from datetime import UTC, datetime

    from homeward.errors import Rejected
    from homeward.formats.drafts import read_draft
    from homeward.formats.files import refuse_taken, write_new

    for place in (out, openings):
        if place is not None:
            refuse_taken(place)
    try:
        drafted = read_draft(source, kind, now=datetime.now(UTC))
    except Rejected as refusal:
        list_faults("Rejected", refusal.faults, err=True)
        click.echo("Nothing was written.", err=True)
        sys.exit(1)
    if drafted.openings is not None:
        if openings is None:
            raise click.UsageError("The draft withholds values. Say with --openings where to keep what opens them.")
        write_new(openings, drafted.openings.to_bytes(), mode=0o600)
        click.echo(f"{openings}: opens what is withheld. Give it only to who should know.")
    write_new(out, drafted.statement.payload)
    click.echo(f"{drafted.statement.digest}: {out}")


@transfer.command()
@click.argument("place", metavar="LEDGER|BUNDLE|FOLDER", type=FILE)
@click.option("--subject", default="", help="The transfer; the first one there, if not given.")
@click.option("--keys", multiple=True, type=FILE, help="Public keys that are not there, NAME.pub.json.")
@click.option("--json", "as_json", is_flag=True, help="The account as JSON, for other programs.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", help="Language of the words.")
@refusals_shown
def account(place: Path, subject: str, keys: tuple[Path, ...], as_json: bool, language: str) -> None:
    """Account for a transfer from its statements alone.

    They are read from a ledger, a bundle, or a folder of envelopes with public keys beside them. Shown are the state
    and its history, each line with both sides' values, the cases, what is open, and who must speak next.
    """
    from homeward.errors import NotFound
    from homeward.formats.keyfiles import read_public_key
    from homeward.formats.statements import gather
    from homeward.reports.transfer_account import account_value
    from homeward.seals.transfer import account as account_of

    gathered = gather(place, keys=map(read_public_key, keys))
    list_faults("Not counted", gathered.notes, err=True)
    told = account_of(gathered.recorded, subject or None)
    if not told.held:
        found = sorted({one.statement.subject for one in gathered.recorded})
        raise NotFound(f"{place} has no statement about {subject or 'a transfer'}. It speaks of {found or 'nothing'}.")
    if as_json:
        click.echo(json.dumps(account_value(told), ensure_ascii=False, indent=2))
    else:
        show(told, language)


def show(told: Account, language: str) -> None:
    """The whole account on standard output."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160)
    for part in _parts(told, language):
        console.print(part)


def _parts(told: Account, language: str) -> Iterator[RenderableType]:
    """The account from its head to what does not fit; a part with nothing in it is left out."""
    say = _words(language)
    yield f"{plain(told.subject)}   {say('account.state')}: {say(f'transfer.state.{told.state}')}"
    yield f"{say('account.parties')}: {', '.join(sorted(told.parties)) or say('account.nothing')}"
    tables = (
        _history(told, say),
        _lines(told, say),
        _extras(told, say),
        _totals(told, say),
        _cases(told, say),
        _questions(told, say),
        _returns(told, say),
        _affiliations(told, say),
        _papers(told, say),
        _awaited(told, say),
        _faults(told, say),
    )
    yield from (table for table in tables if table.row_count)


def _words(language: str) -> Say:
    from homeward.reports.statement_words import word

    return lambda key: word(key, language)


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(plain(str(cell)) for cell in cells))


def _history(told: Account, say: Say) -> Table:
    columns = ("statement.made_local", "field.statement", "statement.author", "account.signed", "account.missing")
    table = _table(say("account.history"), *map(say, columns), say("account.counts_as"), say("account.after"))
    for step in told.steps:
        statement = step.statement
        counts = say("account.set_aside") if step.set_aside else say(f"account.footing.{step.footing}")
        state = say(f"transfer.state.{step.state}")
        signed, missing = ", ".join(step.signed), ", ".join(step.missing)
        _row(table, statement.made_local, say(f"kind.{statement.kind}"), statement.by, signed, missing, counts, state)
    return table


def _lines(told: Account, say: Say) -> Table:
    stages = [say(f"account.stage.{stage}") for stage in STAGES]
    ends = (say("field.outcome"), say("account.differences"))
    table = _table(say("account.lines"), say("field.line"), say("field.container"), *stages, *ends)
    for line in told.lines:
        came = line.outcome.arrived or line.received is None  # of what did not come, a receipt has nothing to describe
        seen = [_seen(getattr(line, stage) if came or stage != "received" else None, say) for stage in STAGES]
        differences = ", ".join(say(f"account.difference.{one.what}") for one in line.differences)
        _row(table, line.line, line.container, *seen, say(f"account.outcome.{line.outcome}"), differences)
    return table


def _seen(seen: Seen | None, say: Say) -> str:
    """Bags, weight, seals and content as one statement gives them."""
    if seen is None:
        return ""
    told = [] if seen.bags is None else [f"{say('field.bags')} {seen.bags}"]
    told += [] if seen.weight_g is None else [f"{_kg(seen.weight_g)} kg"]
    told += [", ".join(seen.seals)] if seen.seals else []
    told += [say(f"seal_condition.{seen.seal_condition}")] if seen.seal_condition else []
    told += [say(_content_key(seen.content))] if seen.content else []
    told += [f"{say('field.individuals_estimated')} {seen.individuals_estimated}"] if seen.individuals_estimated else []
    return "; ".join(told)


def _content_key(content: str) -> str:
    from homeward.seals.bodies import CONTENTS

    return f"content.{content}" if content in CONTENTS else f"inspection.found.{content}"


def _extras(told: Account, say: Say) -> Table:
    columns = ("field.container", "account.stage.received", "account.stage.inspected")
    table = _table(say("account.extras"), *map(say, columns))
    for extra in told.extras:
        _row(table, extra.container, _seen(extra.received, say), _seen(extra.inspected, say))
    return table


def _totals(told: Account, say: Say) -> Table:
    columns = ("account.totals", "field.containers", "field.bags", "field.weight_g")
    table = _table("", *map(say, columns))
    for stage, total in told.totals.items():
        if total.lines:
            bags = total.bags if total.counted else ""
            weight = f"{_kg(total.weight_g)} ({total.weighed}/{total.lines})" if total.weighed else ""
            _row(table, say(f"account.stage.{stage}"), total.lines, bags, weight)
    return table


def _kg(grams: int) -> str:
    """A weight to the gram: a difference of a few is what an account is for.

    >>> _kg(6405)
    '6.405'
    """
    return f"{grams // 1000}.{grams % 1000:03}"


def _cases(told: Account, say: Say) -> Table:
    """The account of cases; each party's own totals beside it where they differ."""
    from homeward.seals.bodies import ACCOUNTS

    cases = told.cases
    parties = list(cases.versions) if cases.differ else []
    table = _table(say("account.cases"), "", say("account.by_statements"), *parties, say("account.which"))
    for name in ACCOUNTS:
        versions = [cases.versions[party][name] for party in parties]
        _row(table, say(f"field.{name}"), cases.counts[name], *versions, in_runs(getattr(cases, name)))
    for name, boxes in (("cases_received_extra", cases.extras), ("cases_elsewhere", cases.elsewhere)):
        if boxes:
            _row(table, say(f"account.{name}"), len(boxes), *("" for _ in parties), in_runs(boxes))
    return table


def in_runs(containers: Iterable[str]) -> str:
    """Container numbers, with those that follow one another drawn together.

    >>> in_runs(["C-003", "C-001", "C-002", "X-9"])
    'C-001–C-003, X-9'
    """
    runs: list[list[str]] = []
    for container in sorted(containers):
        if runs and _follows(runs[-1][-1], container):
            runs[-1].append(container)
        else:
            runs.append([container])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _follows(before: str, after: str) -> bool:
    (head, number), (other, following) = _numbered(before), _numbered(after)
    same_form = head == other and len(number) == len(following)
    return same_form and bool(number) and int(following) == int(number) + 1


def _numbered(container: str) -> tuple[str, str]:
    head = container.rstrip("0123456789")
    return head, container[len(head) :]


def _questions(told: Account, say: Say) -> Table:
    columns = ("field.number", "field.kind", "statement.author", "field.containers", "field.text", "field.outcome")
    table = _table(say("account.questions"), *map(say, columns))
    for question in (*told.reservations, *told.discrepancies):
        outcome = say("account.open") if question.open else say(f"resolution.outcome.{question.outcome}")
        kind = say(f"kind.{question.statement.kind}")
        _row(table, question.number, kind, question.by, in_runs(question.containers), _said(question), outcome)
    return table


def _said(question: Question) -> str:
    """What is protested: declared and found, then the text."""
    body = question.statement.body
    values = [body[name] for name in ("declared", "found") if body.get(name)]
    return " / ".join([*values, *(one["text"] for one in body["text"])])


def _returns(told: Account, say: Say) -> Table:
    columns = ("field.container", "field.content", "field.from", "field.to", "field.onward")
    table = _table(say("account.returns"), *map(say, columns))
    for one in told.returns:
        onward = say("value.yes" if one.onward else "value.no")
        _row(table, one.container, say(f"content.{one.content}"), one.giver, one.receiver, onward)
    return table


def _affiliations(told: Account, say: Say) -> Table:
    columns = ("field.lines", "field.containers", "field.items", "field.group", "field.party")
    table = _table(say("account.affiliations"), *map(say, columns))
    for one in told.affiliations:
        lines, items = ", ".join(map(str, one.body["lines"])), ", ".join(one.body["items"])
        _row(table, lines, in_runs(one.body["containers"]), items, one.body["group"], one.body["party"])
    return table


def _papers(told: Account, say: Say) -> Table:
    columns = ("field.line", "field.field", "field.declared", "field.paper")
    table = _table(say("account.paper"), *map(say, columns))
    for paper in told.papers:
        for one in paper.body["differences"]:
            _row(table, one["line"] or "", one["field"], one["declared"], one["paper"])
    return table


def _awaited(told: Account, say: Say) -> Table:
    table = _table(say("account.awaited"), say("field.party"), "", say("field.statement"), say("statement.digest"))
    for one in told.awaits:
        _row(table, one.party, say(f"account.must_{one.act}"), say(f"kind.{one.kind}"), one.digest[:23])
    return table


def _faults(told: Account, say: Say) -> Table:
    """What does not fit, with where it stands and the code that a manual can be asked for."""
    columns = ("field.statement", "statement.digest", "account.where", "account.value", "account.why", "account.code")
    table = _table(say("account.faults"), *map(say, columns), say("account.counts_as"))
    for fault in told.faults:
        counts = say("account.set_aside") if fault.sets_aside else ""
        why = say(f"objection.{fault.code}")
        value = f"{fault.value} ≠ {fault.counted}" if fault.counted else fault.value
        _row(table, say(f"kind.{fault.kind}"), fault.digest[:19], fault.path, value, why, fault.code, counts)
    return table
