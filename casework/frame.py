"""What every app tells the house about itself, and the frame that every page stands in.

An app's ``apps.py`` lists its links for the rail, its journal verbs and its refusals in words;
nothing else in the house needs to know which apps there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig, apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words
else:
    Words = str


class Group(Enum):
    """Headings of the rail, in the order in which they stand."""

    PROGRAMME = "programme"
    PEOPLE = "people"
    SEARCH = "search"
    CUSTODY = "custody"
    LABORATORY = "laboratory"
    BOARD = "board"
    RECORD = "record"


HEADINGS = {
    Group.PROGRAMME: _("Programme"),
    Group.PEOPLE: _("People"),
    Group.SEARCH: _("Search"),
    Group.CUSTODY: _("Custody"),
    Group.LABORATORY: _("Laboratory"),
    Group.BOARD: _("Board"),
    Group.RECORD: _("Record"),
}


@dataclass(frozen=True)
class Link:
    """A line of the rail: who lacks the permission does not see it."""

    group: Group
    label: str | Words
    view: str
    permission: str


class Room(AppConfig):
    """An app of the house."""

    default = False  # this class itself is no app; those that inherit from it are

    def __init_subclass__(cls) -> None:
        cls.default = True

    default_auto_field = "django.db.models.BigAutoField"
    rail: Sequence[Link] = ()
    verbs: Mapping[str, str | Words] = {}  # "registry.add_person" -> what the journal's page calls it
    refusals: Mapping[str, str | Words] = {}  # code of a Refused -> what to tell the person who asked
    additions: Mapping[str, str] = {}  # "registry.person" -> dotted path of what this app adds to that page
    stands: Mapping[str, str] = {}  # kind of a sealed statement -> dotted path of what this app does once signed


def rooms() -> Iterable[Room]:
    """The apps of the house, uppermost first."""
    return (config for config in apps.get_app_configs() if isinstance(config, Room))


def in_words(code: str, kind: str) -> str:
    """What an app calls a verb or a refusal; the code itself where it has not said."""
    for room in rooms():
        words: Mapping[str, str | Words] = getattr(room, kind)
        if code in words:
            return str(words[code])
    return code


def rail(request: HttpRequest) -> list[dict[str, Any]]:
    """The links this member may follow, by heading; the deepest that leads here is marked current."""
    member = getattr(request, "member", None)
    if member is None:
        return []
    links = [(link, reverse(link.view)) for room in rooms() for link in room.rail if member.may(link.permission)]
    here = max(
        (address for _link, address in links if request.path == address or _is_under(request.path, address)),
        key=len,
        default="",
    )
    return [
        {
            "heading": HEADINGS[group],
            "links": [
                {"label": link.label, "address": address, "current": address == here}
                for link, address in links
                if link.group is group
            ],
        }
        for group in Group
        if any(link.group is group for link, _address in links)
    ]


def additions(page: str, request: HttpRequest, thing: Any) -> list[Any]:
    """What higher apps add to a page of a lower one, which knows nothing of them, in the rooms' order.

    For a page ("registry.person") each gives a rendered section, or "" where this member may not see
    it or there is nothing to say; a question ("registry.family.typed") says what it wants.
    """
    given = (import_string(room.additions[page])(request, thing) for room in rooms() if page in room.additions)
    return [addition for addition in given if addition]


def heard(kind: str, statement: Any, *, by: Any) -> None:
    """Tell every room that listens for this kind that a statement of it was signed, in the same transaction."""
    for room in rooms():
        if kind in room.stands:
            import_string(room.stands[kind])(statement, by=by)


def _is_under(path: str, address: str) -> bool:
    return address != "/" and path.startswith(address)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the member, the rail, and the other language."""
    return {"member": getattr(request, "member", None), "rail": rail(request)}
