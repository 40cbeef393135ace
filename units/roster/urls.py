from django.urls import path

from . import views

app_name = "roster"
urlpatterns = [
    path("", views.upload, name="upload"),
    path("template/", views.template, name="template"),
    path("<uuid:token>/", views.batch, name="batch"),
    path("<uuid:token>/returned/", views.returned, name="returned"),
    path("<uuid:token>/confirm/", views.confirm, name="confirm"),
    path("<uuid:token>/discard/", views.discard, name="discard"),
]
