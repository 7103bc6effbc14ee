"""Every address of the application, room by room."""

from allauth.account import views as account
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from casework.parties.views import sign_in

# Only what we use of the account pages: there is no sign-up and no reset by e-mail.
accounts = [
    path("sign-in/", sign_in, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("second-factor/", include("allauth.mfa.urls")),
]

rooms = [
    ("", "home"),
    ("exchange/", "exchange"),
    ("board/", "board"),
    ("laboratory/", "laboratory"),
    ("registry/", "registry"),
    ("runs/", "runs"),
    ("parties/", "parties"),
    ("journal/", "journal"),
]

urlpatterns = [
    path("account/", include(accounts)),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    *(path(prefix, include(f"casework.{app}.urls")) for prefix, app in rooms if apps.is_installed(f"casework.{app}")),
]
