from django.urls import path

from . import views

app_name = "proof"
urlpatterns = [
    path(".well-known/jwks.json", views.keys, name="keys"),
    path("verify/", views.page, name="page"),
    path("verify/worker.js", views.worker, name="worker"),
    path("verify/manifest.webmanifest", views.manifest, name="manifest"),
    path("verify/revocations", views.revocations, name="revocations"),
    path("verify/head", views.head, name="head"),
    path("verify/heads", views.heads, name="heads"),
    path("verify/heads/<int:size>", views.head, name="head_of_size"),
    path("verify/cosignatures", views.cosignatures, name="cosignatures"),
    path("verify/consistency/<int:old>/<int:new>", views.consistency, name="consistency"),
]
