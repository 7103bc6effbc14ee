from django.urls import URLPattern

app_name = "seals"

urlpatterns: list[URLPattern] = []
