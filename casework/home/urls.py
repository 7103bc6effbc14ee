from django.urls import path

from casework.home import views

app_name = "home"

urlpatterns = [
    path("", views.standing, name="standing"),
]
