from django.urls import path

from casework.whereabouts import views

app_name = "whereabouts"

urlpatterns = [
    path("map/", views.map_page, name="map"),
    path("map/layers.json", views.layers_json, name="layers"),
    path("map/tiles/<int:z>/<int:x>/<int:y>.png", views.tile, name="tile"),
    path("persons/<path:person_id>/layers.json", views.person_layers, name="person_layers"),
    path("persons/<path:person_id>/", views.person, name="person"),
    path("plans/", views.plans, name="plans"),
    path("plans/ask/", views.ask_plan, name="ask_plan"),
    path("plans/<int:number>/", views.plan, name="plan"),
]
