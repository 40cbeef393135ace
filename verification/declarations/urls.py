from django.urls import path

from . import conversion_views, evidence_views, views
from .views import PEOPLE

app_name = "declarations"
urlpatterns = [
    path("", views.declarations, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.choose, name="choose"),
    path("new/many/", views.new_many, name="new_many"),
    path("evidence/", evidence_views.evidence, name="evidence"),
    path("evidence/upload/", evidence_views.upload, name="evidence_upload"),
    path("evidence/sort/", evidence_views.sort, name="evidence_sort"),
    path("new/<slug:form>/", views.new, name="new"),
    path("<int:pk>/together/", views.together, name="together"),
    path("people-template.xlsx", views.people_template, name="people_template"),
    path("<int:pk>/people/import/", PEOPLE.upload, name="people_import"),
    path("<int:pk>/people/import/<uuid:token>/", PEOPLE.page, name="people_preview"),
    path("<int:pk>/people/import/<uuid:token>/wrong.xlsx", PEOPLE.returned, name="people_returned"),
    path("conversions/", conversion_views.listing, name="conversions"),
    path("conversions/new/", conversion_views.new, name="conversion_new"),
    path("conversions/<int:pk>/", conversion_views.conversion, name="conversion"),
    path("conversions/<int:pk>/edit/", conversion_views.edit, name="edit_conversion"),
    path("conversions/<int:pk>/revise/", conversion_views.revise, name="revise_conversion"),
    path("conversions/<int:pk>/try/", conversion_views.try_out, name="try_conversion"),
    path("<int:pk>/together/<slug:material>/", views.together_files, name="together_files"),
    path("<int:pk>/", views.declaration, name="declaration"),
    path("<int:pk>/edit/", views.edit, name="edit"),
]
