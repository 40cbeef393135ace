from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.listing, name="list"),
    path("jobs/<uuid:uid>/", views.progress, name="progress"),
]
