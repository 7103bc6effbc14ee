from django.urls import path

from casework.exchange import views

app_name = "exchange"

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("out/", views.give_out, name="give_out"),
    path("<int:key>/", views.delivery, name="delivery"),
    path("<int:key>/bring-in/", views.bring_in, name="bring_in"),
    path("<int:key>/discard/", views.discard, name="discard"),
]
