"""What a member is told when an action is refused."""

from __future__ import annotations

from typing import Any

from homeward.errors import HomewardError

NOT_PERMITTED = "not-permitted"
NOT_FOUND = "not-found"


class Refused(HomewardError):
    """An act that a rule does not allow: a code, and what it concerns. Shown as a calm page.

    ``not-found`` is also the answer about what another party holds and has not disclosed: whether
    it exists is not said either.
    """

    def __init__(self, code: str, /, **about: Any) -> None:
        self.code = code
        self.about = about
        super().__init__(code if not about else f"{code}: {about}")

    @property
    def status(self) -> int:
        return {NOT_PERMITTED: 403, NOT_FOUND: 404}.get(self.code, 409)
