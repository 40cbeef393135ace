from django.urls import path

from . import views

app_name = "cycles"
urlpatterns = [
    path("", views.board, name="board"),
    path("export/", views.export, name="export"),
    path("not-appointed/", views.flagged, name="flagged"),
    path("not-appointed/export/", views.export_flagged, name="export_flagged"),
    path("not-appointed/other/", views.flags, name="flags"),
    path("entries/", views.entries, name="entries"),
    path("entries/export/", views.export_entries, name="export_entries"),
    path("entries/<int:pk>/proof.pdf", views.proof, name="proof"),
    path("lacking/", views.lacking, name="lacking"),
    path("lacking/set/", views.set_for_many_view, name="set_for_many"),
]
