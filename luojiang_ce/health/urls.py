from django.urls import path

from . import views

app_name = "health"
urlpatterns = [
    path("health/", views.page, name="page"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("metrics", views.measured, name="metrics"),
]
