from django.urls import path

from . import views

app_name = "interpretations"
urlpatterns = [
    path("", views.listing, name="list"),
    path("notice/", views.notice, name="notice"),
    path("export/", views.export, name="export"),
    path("new/", views.begin, name="begin"),
    path("<int:pk>/", views.interpretation, name="interpretation"),
    path("<int:pk>/edit/", views.edit, name="edit"),
]
