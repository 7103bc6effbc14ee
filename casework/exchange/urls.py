from django.urls import path

from casework.exchange import views

app_name = "exchange"

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("out/", views.give_out, name="give_out"),
    path("<int:key>/", views.delivery, name="delivery"),
    path("<int:key>/bring-in/", views.bring_in, name="bring_in"),
    path("<int:key>/discard/", views.discard, name="discard"),
    path("bundles/", views.bundles, name="bundles"),
    path("bundles/anchors/", views.anchors, name="anchors"),
    path("bundles/<int:key>/", views.bundle, name="bundle"),
    path("bundles/<int:key>/bring-in/", views.bring_in_bundle, name="bring_in_bundle"),
    path("bundles/<int:key>/discard/", views.discard_bundle, name="discard_bundle"),
    path("bundles/to/<slug:code>/", views.give_out_bundle, name="give_out_bundle"),
]
