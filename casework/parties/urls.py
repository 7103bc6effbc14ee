from django.urls import path

from casework.parties import views

app_name = "parties"

urlpatterns = [
    path("", views.members, name="members"),
    path("admit/", views.admit, name="admit"),
    path("members/<int:key>/roles/", views.roles, name="roles"),
    path("members/<int:key>/dismiss/", views.dismiss, name="dismiss"),
    path("disclose/", views.disclose, name="disclose"),
    path("disclosures/<int:key>/withdraw/", views.withdraw, name="withdraw"),
]
