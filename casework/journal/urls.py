from django.urls import path

from casework.journal import views

app_name = "journal"

urlpatterns = [
    path("", views.records, name="records"),
]
