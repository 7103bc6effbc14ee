"""How sign-in behaves here."""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator of a party; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Pages say what happened themselves."""


def name_given(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """The name typed at sign-in, as the lock counts it: a user name or an e-mail address."""
    given = credentials or {}
    return (given.get("username") or given.get("email") or request.POST.get("login", "")).casefold()
