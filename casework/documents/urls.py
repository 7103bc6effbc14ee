from django.urls import path

from casework.documents import views

app_name = "documents"

urlpatterns = [
    path("", views.documents, name="documents"),
    path("keep/", views.keep, name="keep"),
    path("name/", views.name, name="name"),
    path("<int:key>/", views.document, name="document"),
    path("<int:key>/file/", views.file, name="file"),
    path("<int:key>/photograph/", views.photograph, name="photograph"),
    path("<int:key>/quote/", views.quote, name="quote"),
    path("<int:key>/show/", views.show, name="show"),
    path("<int:key>/publish/", views.publish, name="publish"),
    path("claims/", views.claims, name="claims"),
    path("claims/enter/", views.enter_claim, name="enter_claim"),
    path("claims/matter/<slug:key>/", views.matter, name="matter"),
    path("claims/<slug:holder>/<str:code>/", views.claim, name="claim"),
    path("claims/<slug:holder>/<str:code>/supersede/", views.supersede, name="supersede"),
    path("claims/<slug:holder>/<str:code>/dispute/", views.dispute, name="dispute"),
    path("claims/<slug:holder>/<str:code>/withdraw/", views.withdraw_dispute, name="withdraw_dispute"),
]
