from django.urls import path

from casework.registry import views

app_name = "registry"

urlpatterns = [
    path("persons/", views.persons, name="persons"),
    path("persons/<path:person_id>/", views.person, name="person"),
    path("families/", views.families, name="families"),
    path("families/<path:family_id>/", views.family, name="family"),
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/<path:incident_id>/", views.incident, name="incident"),
]
