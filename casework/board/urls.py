from django.urls import path

from casework.board import views

app_name = "board"

urlpatterns = [
    path("comparisons/", views.comparisons, name="comparisons"),
    path("comparisons/<str:remains_id>/", views.comparison, name="comparison"),
    path("ask/", views.ask, name="ask"),
]
