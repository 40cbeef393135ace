"""Addresses of units; people, long absence, accounts and the log have files of their own beside this one."""

from django.urls import path

from units.views import units as views

app_name = "units"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.unit, name="unit"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/suspend/", views.suspend, name="suspend"),
    path("<int:pk>/merge/", views.merge, name="merge"),
    path("<int:pk>/scopes/new/", views.add_scope, name="add_scope"),
    path("<int:pk>/scopes/<int:scope>/end/", views.end_scope, name="end_scope"),
]
