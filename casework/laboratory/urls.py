from django.urls import path

from casework.laboratory import views

app_name = "laboratory"

urlpatterns = [
    path("boxes/", views.boxes, name="boxes"),
    path("boxes/<path:container_id>/", views.box, name="box"),
    path("remains/", views.remains, name="remains"),
    path("remains/<path:remains_id>/profiles/", views.profiles, name="profiles"),
    path("remains/<path:remains_id>/", views.one_remains, name="one"),
]
