from django.urls import path

from units.views import employment, people, records, releases

app_name = "people"
urlpatterns = [
    path("", people.listing, name="list"),
    path("export/", people.export, name="export"),
    path("left/", people.leavers, name="leavers"),
    path("left/export/", people.export_leavers, name="export_leavers"),
    path("left/<int:pk>/undo/", employment.undo, name="undo_leaving"),
    path("new/", people.new, name="new"),
    path("requests/", releases.requests, name="requests"),
    path("requests/<int:pk>/", releases.release_request, name="request"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/edit/", people.edit, name="edit"),
    path("<int:pk>/rename/", people.rename, name="rename"),
    path("<int:pk>/document/", people.document, name="document"),
    path("<int:pk>/reveal/", people.reveal, name="reveal"),
    path("<int:pk>/leaving/", employment.leaving, name="leaving"),
    path("<int:pk>/move/", employment.move, name="move"),
    path("<int:pk>/<slug:kind>/new/", records.record_form, name="add_record"),
    path("<int:pk>/<slug:kind>/<int:record>/", records.record_form, name="record"),
    path("<int:pk>/<slug:kind>/<int:record>/remove/", records.remove, name="remove_record"),
]
