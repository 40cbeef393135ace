from django.urls import path

from . import views

app_name = "decisions"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/<int:inspection>/", views.new, name="new"),
    path("<int:pk>/", views.decision, name="decision"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/settle/", views.settle, name="settle"),
    path("<int:pk>/reach/", views.reach, name="reach"),
]
