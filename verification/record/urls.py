from django.urls import path

from .views import attestations, districts, files, transfers

app_name = "record"
urlpatterns = [
    path("", attestations.listing, name="list"),
    path("export/", attestations.export, name="export"),
    path("new/", attestations.new, name="new"),
    path("<int:pk>/", attestations.attestation, name="attestation"),
    path("<int:pk>/edit/", attestations.edit, name="edit"),
    path("<int:pk>/preview/", attestations.preview, name="preview"),
    path("<int:pk>/record.json", files.portable, name="portable"),
    path("<int:pk>/badge.jwt", files.badge, name="badge"),
    path("keys.json", files.keys, name="keys"),
    path("transfers/", transfers.listing, name="transfers"),
    path("transfers/export/", transfers.export, name="export_transfers"),
    path("transfers/new/", transfers.take_over, name="take_over"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path("districts/", districts.listing, name="districts"),
    path("districts/export/", districts.export, name="export_districts"),
    path("districts/new/", districts.new, name="new_district"),
    path("districts/<int:pk>/", districts.district, name="trusteddistrict"),
    path("districts/<int:pk>/edit/", districts.edit, name="edit_district"),
]
