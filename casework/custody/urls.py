from django.urls import path

from casework.custody import views

app_name = "custody"

urlpatterns = [
    path("containers/", views.containers, name="containers"),
    path("containers/enter/", views.enter_containers, name="enter_containers"),
    path("containers/<int:key>/", views.container, name="container"),
    path("containers/<int:key>/<slug:act>/", views.act_on_container, name="act_on_container"),
    path("items/", views.items, name="items"),
    path("items/enter/", views.enter_item, name="enter_item"),
    path("items/<int:key>/", views.item, name="item"),
    path("items/<int:key>/<slug:act>/", views.act_on_item, name="act_on_item"),
    path("events/<int:key>/void/", views.void_event, name="void_event"),
    path("stock-taking/", views.stocktakes, name="stocktakes"),
    path("stock-taking/<int:number>/", views.stocktake, name="stocktake"),
    path("stock-taking/<int:number>/found/", views.found_many, name="found_many"),
    path("stock-taking/<int:number>/sign-off/", views.sign_off, name="sign_off"),
    path("stock-taking/<int:number>/abandon/", views.abandon, name="abandon"),
    path("stock-taking/lines/<int:key>/back/", views.take_finding_back, name="take_finding_back"),
    path("stock-taking/lines/<int:key>/explain/", views.explain, name="explain"),
]
