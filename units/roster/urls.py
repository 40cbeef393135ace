from django.urls import path

from .views import IMPORT, template

app_name = "roster"
urlpatterns = [
    path("", IMPORT.upload, name="upload"),
    path("template/", template, name="template"),
    path("<uuid:token>/", IMPORT.page, name="batch"),
    path("<uuid:token>/returned/", IMPORT.returned, name="returned"),
    path("<uuid:token>/confirm/", IMPORT.act, {"do": "confirm"}, name="confirm"),
    path("<uuid:token>/discard/", IMPORT.act, {"do": "discard"}, name="discard"),
]
