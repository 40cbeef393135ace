from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("jobs/runs/", views.runs, name="runs"),
    path("jobs/runs/<str:task>/", views.task_runs, name="task_runs"),
    path("jobs/", views.listing, name="list"),
    path("jobs/<uuid:uid>/", views.progress, name="progress"),
]
