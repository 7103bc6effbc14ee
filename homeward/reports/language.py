"""The languages that reports are written in.

Sentences are marked for translation where they are used; the Korean ones stand in
``locale/ko/LC_MESSAGES/reports.po``, which is read as it is: nothing needs compiling.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from homeward.errors import NotFound

LANGUAGES = ("en", "ko")


@cache
def translations(language: str) -> NullTranslations:
    """The sentences of a language.

    Raises
    ------
    NotFound
        If reports are not written in this language.

    Examples
    --------
    >>> translations("ko").gettext("Posterior")
    '사후확률'
    """
    if language not in LANGUAGES:
        raise NotFound(f"Reports are written in {' and '.join(LANGUAGES)}, not in {language!r}.")
    if language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    catalogue = files("homeward.reports") / "locale" / language / "LC_MESSAGES" / "reports.po"
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.StringIO(catalogue.read_text(encoding="utf-8")), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
