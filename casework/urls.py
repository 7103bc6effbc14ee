"""Every address of the application, room by room."""

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
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

# The admin site is entered through our own sign-in, second factor included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("account/", include(accounts)),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("", include("casework.home.urls")),
    path("exchange/", include("casework.exchange.urls")),
    path("figures/", include("casework.figures.urls")),
    path("board/", include("casework.board.urls")),
    path("laboratory/", include("casework.laboratory.urls")),
    path("custody/", include("casework.custody.urls")),
    path("operations/", include("casework.operations.urls")),
    path("whereabouts/", include("casework.whereabouts.urls")),
    path("registry/", include("casework.registry.urls")),
    path("talks/", include("casework.agreements.urls")),
    path("documents/", include("casework.documents.urls")),
    path("seals/", include("casework.seals.urls")),
    path("runs/", include("casework.runs.urls")),
    path("parties/", include("casework.parties.urls")),
    path("journal/", include("casework.journal.urls")),
]
