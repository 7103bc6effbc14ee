"""One way of writing names and numbers for searching, so that any spelling finds any other.

Case, marks, blanks, hyphens and apostrophes are left out; Hangul is taken apart into letters, so that
a syllable half typed is found; and a name in Hangul is also entered in both romanisations.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# The letters of a syllable in the order of Unicode, in the Revised Romanisation (2000) and in
# McCune-Reischauer (1939) without its marks; syllable by syllable, without the changes between them.
_INITIALS = {
    "revised": ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "_", "j", "jj", "ch", "k", "t", "p", "h"],
    "mccune": ["k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "_", "ch", "tch", "ch", "k", "t", "p", "h"],
}
_VOWELS = {
    "revised": [
        "a",
        "ae",
        "ya",
        "yae",
        "eo",
        "e",
        "yeo",
        "ye",
        "o",
        "wa",
        "wae",
        "oe",
        "yo",
        "u",
        "wo",
        "we",
        "wi",
        "yu",
        "eu",
        "ui",
        "i",
    ],
    "mccune": [
        "a",
        "ae",
        "ya",
        "yae",
        "o",
        "e",
        "yo",
        "ye",
        "o",
        "wa",
        "wae",
        "oe",
        "yo",
        "u",
        "wo",
        "we",
        "wi",
        "yu",
        "u",
        "ui",
        "i",
    ],
}
_FINALS = [
    "_",
    "k",
    "k",
    "k",
    "n",
    "n",
    "n",
    "t",
    "l",
    "k",
    "m",
    "l",
    "l",
    "l",
    "p",
    "l",
    "m",
    "p",
    "p",
    "t",
    "t",
    "ng",
    "t",
    "t",
    "k",
    "t",
    "p",
    "h",
]


def spelled(text: str) -> str:
    """A name or number as it is compared: words apart, everything else that varies left out.

    >>> spelled("Sŏmun Chae-hyŏn"), spelled("CIL 2022-109-I-01")
    ('somun chaehyon', 'cil 2022109i01')
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (" " if letter.isspace() or letter in ",;/" else letter for letter in plain)
    return " ".join("".join(letter for letter in kept if letter == " " or letter.isalnum()).split())


def romanised(text: str) -> set[str]:
    """A name in Hangul as each romanisation writes it, without marks; nothing for other scripts.

    >>> sorted(romanised("김철수"))
    ['gimcheolsu', 'kimcholsu']
    """
    syllables = [ord(letter) - 0xAC00 for letter in text if 0xAC00 <= ord(letter) <= 0xD7A3]
    if not syllables:
        return set()
    return {"".join(_syllable(number, system) for number in syllables).replace("_", "") for system in _INITIALS}


def _syllable(number: int, system: str) -> str:
    initial, rest = divmod(number, 588)
    vowel, final = divmod(rest, 28)
    return _INITIALS[system][initial] + _VOWELS[system][vowel] + _FINALS[final]


def search_text(texts: Iterable[str]) -> str:
    """Everything by which a person may be found, in one line."""
    given = [text for text in texts if text]
    return " ".join(dict.fromkeys([*map(spelled, given), *sorted({r for text in given for r in romanised(text)})]))
