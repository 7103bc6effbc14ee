"""On which line of a TOML or JSON file each value stands, so that a fault can be found again.

The parsers of the standard library keep no lines. This looks for them beside the parser: exact for JSON; for TOML it
knows headers, keys at the start of a line, and the entries of a list that is written over several lines. A value
without a line of its own has that of what it stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)""")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def line_of(path: str, positions: Mapping[str, int]) -> int | None:
    """The line of a JSON pointer, or of the nearest thing it stands in.

    >>> line_of("/body/lines/0/bags", {"/body/lines/0": 7})
    7
    """
    while path:
        if path in positions:
            return positions[path]
        path = path.rpartition("/")[0]
    return positions.get("")


def toml_positions(text: str) -> dict[str, int]:
    """JSON pointer -> line (the first is 1).

    >>> toml_positions('kind = "issue"\\n[[body.containers]]\\ncontainer = "C-001"\\n')["/body/containers/0/container"]
    3
    """
    positions: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, inside = "", ""  # the table that the last header opened; the list that a line above has begun
    for number, line in enumerate(_without_long_text(text), 1):
        if inside:
            inside = _list_line(line, number, inside, positions, counts)
        elif header := _HEADER.fullmatch(line):
            table = _opened(header[1] == "[[", _parts(header[2]), counts)
            positions.setdefault(table, number)
        elif key := _KEY.fullmatch(line):
            path = table + "".join(f"/{_escaped(part)}" for part in _parts(key[1]))
            positions[path] = number
            if _depth(key[2]) > 0:
                inside = path
                _list_line(key[2].partition("[")[2], number, path, positions, counts)
    return positions


def json_positions(text: str) -> dict[str, int]:
    """JSON pointer -> line (the first is 1).

    >>> json_positions('{"a":\\n [1,\\n 2]}')["/a/1"]
    3
    """
    positions = {"": 1}
    stack: list[tuple[str, int | None]] = []  # what is open: its path, and the index within a list
    path, key, awaits_key = "", "", False
    for token, line in _tokens(text):
        if awaits_key and token not in "{}[],:":
            key = json.loads(token) if token.startswith('"') else token
            awaits_key = False
        elif token == ":":
            path = f"{stack[-1][0]}/{_escaped(key)}" if stack else ""
        elif token == "," and stack:
            inside, index = stack[-1]
            awaits_key = index is None
            if index is not None:
                stack[-1] = (inside, index + 1)
                path = f"{inside}/{index + 1}"
        elif token in ("}", "]"):
            awaits_key = False
            if stack:
                stack.pop()
        else:
            positions.setdefault(path, line)
            if token == "{":
                stack.append((path, None))
                awaits_key = True
            elif token == "[":
                stack.append((path, 0))
                path = f"{path}/0"
    return positions


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line, at = 1, 0
    for found in _JSON_TOKEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        yield found[0], line


def _opened(is_list: bool, parts: list[str], counts: dict[str, int]) -> str:
    """The pointer of the table that a header opens: the last entry of every list on the way to it."""
    path = ""
    for at, part in enumerate(parts):
        path += f"/{_escaped(part)}"
        last = at == len(parts) - 1
        if last and is_list:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += f"/{counts[path]}"
    return path


def _list_line(line: str, number: int, path: str, positions: dict[str, int], counts: dict[str, int]) -> str:
    """Entries of a list that begin on this line; the list's path while it goes on, "" once it ends."""
    depth = counts.setdefault(f"depth of {path}", 1)
    bare = _STRING.sub(lambda found: '"' + "x" * (len(found[0]) - 2) + '"', line).partition("#")[0]
    fresh = counts.setdefault(f"fresh in {path}", 1)  # 1: the next sign begins an entry
    for sign in bare:
        if depth == 1 and fresh and sign not in " \t,]":
            at = counts[f"entries of {path}"] = counts.get(f"entries of {path}", -1) + 1
            positions[f"{path}/{at}"] = number
            fresh = 0
        depth += (sign in "[{") - (sign in "]}")
        if depth == 1 and sign == ",":
            fresh = 1
    counts[f"depth of {path}"], counts[f"fresh in {path}"] = depth, fresh
    return path if depth > 0 else ""


def _depth(rest: str) -> int:
    """Brackets of a list that a line leaves open."""
    bare = _STRING.sub('""', rest).partition("#")[0].strip()
    return bare.count("[") - bare.count("]") if bare.startswith("[") else 0


def _without_long_text(text: str) -> list[str]:
    """The lines, with text of several lines blanked out, so that nothing inside it looks like a key."""
    blank = re.sub(r'"""(.*?)"""|\'\'\'(.*?)\'\'\'', lambda found: '""' + "\n" * found[0].count("\n"), text, flags=re.S)
    return blank.splitlines()


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(r"[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'", dotted)]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
