from django.urls import path, register_converter

from casework.seals import views


class Digest:
    """``sha256:`` and 64 hexadecimal digits."""

    regex = "sha256:[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Digest, "digest")

app_name = "seals"

urlpatterns = [
    path("", views.statements, name="statements"),
    path("log/", views.own_log, name="log"),
    path("log/checkpoint/", views.make_checkpoint, name="checkpoint"),
    path("log/checkpoint/<int:key>/", views.note, name="note"),
    path("log/offered/<str:what>/", views.offered, name="offered"),
    path("log/enter/", views.know_log, name="know_log"),
    path("keys/", views.keys, name="keys"),
    path("keys/enter/", views.enter_key, name="enter_key"),
    path("keys/introduce/", views.introduce_key, name="introduce_key"),
    path("keys/<str:fingerprint>/revoke/", views.revoke_key, name="revoke_key"),
    path("disclosures/", views.mutual, name="disclosures"),
    path("disclosures/<str:number>/settle/", views.settle, name="settle"),
    path("<digest:digest>/", views.statement, name="statement"),
    path("<digest:digest>/statement.json", views.payload, name="payload"),
    path("<digest:digest>/envelope.json", views.envelope, name="envelope"),
    path("<digest:digest>/openings.json", views.opening, name="openings"),
    path("<digest:digest>/paper.pdf", views.print_out, name="print"),
    path("<digest:digest>/paper/", views.paper, name="paper"),
    path("<digest:digest>/discard/", views.discard, name="discard"),
    path("<digest:digest>/void/", views.void, name="void"),
    path("<digest:digest>/show/", views.show, name="show"),
]
