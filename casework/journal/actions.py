"""Writing the journal: with an act, in its transaction; and with a look at protected data."""

from __future__ import annotations

import datetime
import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from pathlib import PurePath
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import connection, models, transaction
from django.utils import timezone

from casework.journal.models import Record

P = ParamSpec("P")
T = TypeVar("T")
MANY = 20  # longer lists are written as their number


class Actor(Protocol):
    """Whoever acts: a member of a party, or someone at the server's command line."""

    @property
    def actor(self) -> str: ...

    @property
    def party_code(self) -> str: ...


def recorded(verb: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Write the act in the same transaction as the change: either both are kept, or neither.

    The action takes the actor as ``by``; its other arguments are written as values, and what it
    returns names the object (its ``journal_name``), unless it returns nothing.
    """

    def decorate(action: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(action)

        @functools.wraps(action)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
            given = signature.bind(*args, **kwargs).arguments
            values = {name: written(value) for name, value in given.items() if name not in ("by", "tick")}
            with transaction.atomic():
                outcome = action(*args, **kwargs)
                write(by=given["by"], verb=verb, object=name_of(outcome), values=values)
            return outcome

        wrapper.verb = verb  # type: ignore[attr-defined]
        return wrapper

    return decorate


def looked_at(object: Any, *, by: Actor, verb: str, **values: Any) -> Record:
    """Write that someone was shown family or genetic data. Call it before the data is shown."""
    return write(by=by, verb=verb, object=name_of(object), values={k: written(v) for k, v in values.items()})


def write(*, by: Actor, verb: str, object: str, values: Mapping[str, Any]) -> Record:
    """Append one record, linked by digest to the one before."""
    with transaction.atomic():
        _one_writer_at_a_time()
        last = Record.objects.order_by("-number").first()
        record = Record(
            number=last.number + 1 if last else 1,
            at=timezone.now(),
            actor=by.actor,
            party=by.party_code,
            verb=verb,
            object=object,
            values=dict(values),
            previous=last.digest if last else "",
        )
        record.digest = record.own_digest()
        record.save(force_insert=True)
    return record


def _one_writer_at_a_time() -> None:
    # SQLite has taken its only write lock when the transaction began (transaction_mode IMMEDIATE).
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE journal_record IN SHARE ROW EXCLUSIVE MODE")


def name_of(thing: Any) -> str:
    """How the journal names a thing: ``kind:identifier``, as text that outlives the row."""
    if thing is None:
        return ""
    return str(getattr(thing, "journal_name", thing))[:300]


def written(value: Any) -> Any:
    """A value as the journal keeps it: plain JSON, long lists as their number."""
    if value is None or isinstance(value, bool | int | float | str):
        return value[:500] if isinstance(value, str) else value
    if isinstance(value, models.Model):
        return name_of(value)
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, PurePath):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): written(inner) for key, inner in value.items()}
    if isinstance(value, Collection):
        return {"number": len(value)} if len(value) > MANY else [written(inner) for inner in value]
    return name_of(value)
