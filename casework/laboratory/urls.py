from django.urls import path

from casework.laboratory import acts, views

app_name = "laboratory"

urlpatterns = [
    path("files/", views.files, name="files"),
    path("files/<int:key>/", views.file, name="file"),
    path("files/<int:key>/keep/", views.keep_file, name="keep_file"),
    path("files/<int:key>/discard/", views.discard_file, name="discard_file"),
    path("boxes/", views.boxes, name="boxes"),
    path("boxes/<path:container_id>/", views.box, name="box"),
    path("remains/", views.remains, name="remains"),
    path("records/<slug:what>/<int:number>/strike/", acts.strike, name="strike"),
    path("teeth/<path:person_id>/", acts.add_dental_record, name="add_dental_record"),
    path("remains/<path:remains_id>/add/<slug:what>/", acts.add, name="add"),
    path("remains/<path:remains_id>/profiles/", views.profiles, name="profiles"),
    path("remains/<path:remains_id>/", views.one_remains, name="one"),
]
