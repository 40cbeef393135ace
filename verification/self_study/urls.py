from django.urls import path

from . import views

app_name = "self_study"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.selfstudy, name="selfstudy"),
    path("<int:pk>/edit/", views.edit, name="edit"),
]
