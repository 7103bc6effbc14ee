from django.urls import path

from casework.custody import papers, transfer_views, views

app_name = "custody"

urlpatterns = [
    path("containers/", views.containers, name="containers"),
    path("containers/enter/", views.enter_containers, name="enter_containers"),
    path("containers/numbered/<path:number>/", views.numbered, name="numbered"),
    path("containers/<int:key>/", views.container, name="container"),
    path("containers/labels.pdf", papers.labels, name="labels"),
    path("containers/<int:key>/<slug:act>/", views.act_on_container, name="act_on_container"),
    path("containers/<int:key>/labels.pdf", papers.container_labels, name="container_labels"),
    path("items/", views.items, name="items"),
    path("items/enter/", views.enter_item, name="enter_item"),
    path("items/<int:key>/", views.item, name="item"),
    path("items/<int:key>/<slug:act>/", views.act_on_item, name="act_on_item"),
    path("events/<int:key>/void/", views.void_event, name="void_event"),
    path("transfers/", transfer_views.transfer_list, name="transfers"),
    path("transfers/draft/", transfer_views.draft, name="draft"),
    path("transfers/<str:code>/", transfer_views.transfer, name="transfer"),
    path("transfers/<str:code>/lines/", transfer_views.lines, name="lines"),
    path("transfers/<str:code>/plan/", transfer_views.plan, name="plan"),
    path("transfers/<str:code>/towards/", transfer_views.towards, name="towards"),
    path("transfers/<str:code>/drop/", transfer_views.drop, name="drop"),
    path("transfers/<str:code>/labels.pdf", papers.transfer_labels, name="transfer_labels"),
    path("transfers/<str:code>/custody-record.pdf", papers.custody_record, name="custody_record"),
    path("transfers/<str:code>/papers/<str:digest>.pdf", papers.paper, name="paper"),
    path("transfers/<str:code>/<slug:name>/", transfer_views.act, name="act"),
    path("stock-taking/", views.stocktakes, name="stocktakes"),
    path("stock-taking/<int:number>/", views.stocktake, name="stocktake"),
    path("stock-taking/<int:number>/found/", views.found_many, name="found_many"),
    path("stock-taking/<int:number>/sign-off/", views.sign_off, name="sign_off"),
    path("stock-taking/<int:number>/abandon/", views.abandon, name="abandon"),
    path("stock-taking/lines/<int:key>/back/", views.take_finding_back, name="take_finding_back"),
    path("stock-taking/lines/<int:key>/explain/", views.explain, name="explain"),
]
