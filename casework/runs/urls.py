from django.urls import path

from casework.runs import views

app_name = "runs"

urlpatterns = [
    path("", views.runs, name="runs"),
    path("<int:number>/", views.run, name="run"),
    path("<int:number>/progress/", views.progress, name="progress"),
    path("<int:number>/cancel/", views.cancel, name="cancel"),
    path("<int:number>/report/", views.report, name="report"),
    path("<int:number>/files/<str:name>", views.file, name="file"),
]
