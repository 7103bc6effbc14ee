"""The verifier for any browser: one HTML file, no network, written into every bundle.

Its sources are small modules in ``verifier/``. Here they are put into one script, each in a function of its own and
otherwise as they were written, and its style and script are named by their digest in the page's own security policy,
so that the browser runs these and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_HOUSE = files("homeward")
_SOURCES = _HOUSE / "seals" / "verifier"
_STYLES = ("reports/static/tokens.css", "reports/static/homeward.css", "seals/verifier/verifier.css")
_LANGUAGES = ("en", "ko")
_MODULES = (  # each after those it imports from
    "vendor/utils.js",
    "vendor/_u64.js",
    "vendor/_md.js",
    "vendor/sha2.js",
    "vendor/noble_ed25519.js",
    "bytes.js",
    "hashing.js",
    "canonical.js",
    "zip.js",
    "ed25519.js",
    "merkle.js",
    "notes.js",
    "forms.js",
    "verify.js",
    "words.js",
    "elements.js",
    "bodies.js",
    "report.js",
    "page.js",
)
_VENDORED = ("noble-ed25519", "noble-hashes")  # whose licences go with the page
_IMPORT = re.compile(r'^import (\* as (?P<all>\w+)|\{(?P<names>[^}]*)\}) from "\./(?P<module>\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) (?P<name>\w+))", re.MULTILINE)
_EXPORTED_LAST = re.compile(r"^export \{(?P<names>[^}]*)\};$", re.MULTILINE)


@cache
def verifier_page() -> bytes:
    """The verifier: the same bytes for everyone who has this version of Homeward.

    Returns
    -------
    bytes
        An HTML file that loads nothing, sends nothing and runs only what its security policy names by digest.
    """
    style, script = _style(), _script()
    page = _read("verifier.html")
    page = page.replace("{{policy}}", _policy(style, script)).replace("{{style}}", style)
    return page.replace("{{script}}", script).encode()


def page_digest() -> str:
    """The SHA-256 by which a reader knows the verifier in a bundle for ours."""
    return hashlib.sha256(verifier_page()).hexdigest()


@cache
def reading_me() -> bytes:
    """What ``README.txt`` in a bundle says, in English and Korean: how to open the verifier, and how to check it."""
    return _read("README.txt").encode()


def _policy(style: str, script: str) -> str:
    """Nothing but this style and this script; a saved document is a ``blob:`` of the page's own."""
    return (
        f"default-src 'none'; script-src '{_named(script)}'; style-src '{_named(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _named(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _style() -> str:
    return "\n" + "\n".join((_HOUSE / name).read_text(encoding="utf-8") for name in _STYLES)


def _script() -> str:
    licences = [f"/*! {name}\n\n{_read(f'vendor/LICENSE-{name}')}*/\n" for name in _VENDORED]
    modules = [_words_module(), *(_module(name) for name in _MODULES)]
    script = '\n"use strict";\n' + "\n".join((*licences, *modules))
    if "</script" in script.lower() or "<!--" in script:
        raise AssertionError("this would end the script before its end")
    return script


def _module(path: str) -> str:
    """A module as a function that gives what the module exports; its source stays as it was written."""
    source = _read(path)
    exported = [found["name"] for found in _EXPORT.finditer(source)]
    for found in _EXPORTED_LAST.finditer(source):
        exported += _names(found["names"])
    source = _EXPORTED_LAST.sub("", _EXPORT.sub("", _IMPORT.sub(_imported, source)))
    return _wrapped(path.rpartition("/")[2].removesuffix(".js"), source, exported)


def _imported(found: re.Match[str]) -> str:
    if found["all"]:
        return f"const {found['all']} = {_variable(found['module'])};"
    names = ", ".join(name.replace(" as ", ": ") for name in _names(found["names"]))
    return f"const {{ {names} }} = {_variable(found['module'])};"


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


def _variable(module: str) -> str:
    return f"module_{module}"


def _wrapped(module: str, source: str, exported: list[str]) -> str:
    head = f"// ---------- {module} ----------\nconst {_variable(module)} = (() => {{"
    return f"{head}\n{source}\nreturn {{ {', '.join(exported)} }};\n}})();\n"


def _words_module() -> str:
    """The words of statements, from the table that papers are worded by, as a module of the page."""
    tables = {
        language: dict(
            _flat(tomllib.loads((_HOUSE / "reports" / "languages" / f"{language}.toml").read_text(encoding="utf-8")))
        )
        for language in _LANGUAGES
    }
    table = json.dumps(tables, ensure_ascii=False, indent=1, sort_keys=True)
    return _wrapped("statement_words", f"const STATEMENT_WORDS = {table};", ["STATEMENT_WORDS"])


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value
        else:
            yield from _flat(value, f"{prefix}{name}.")


def _read(name: str) -> str:
    return (_SOURCES / name).read_text(encoding="utf-8")
