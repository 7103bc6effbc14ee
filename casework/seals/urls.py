from django.urls import path

from casework.seals import views

app_name = "seals"

urlpatterns = [
    path("", views.statements, name="statements"),
    path("<str:digest>/", views.statement, name="statement"),
]
