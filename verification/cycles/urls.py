from django.urls import path

from . import views

app_name = "cycles"
urlpatterns = [
    path("", views.board, name="board"),
    path("export/", views.export, name="export"),
    path("not-appointed/", views.flagged, name="flagged"),
    path("not-appointed/export/", views.export_flagged, name="export_flagged"),
]
