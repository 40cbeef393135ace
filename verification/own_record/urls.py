"""Addresses of the clerk's and the bureau's pages: slips and objections."""

from django.urls import path

from .views import clerk, objections

app_name = "own_record"
urlpatterns = [
    path("", objections.listing, name="list"),
    path("export/", objections.export, name="export"),
    path("<int:pk>/", objections.objection, name="objection"),
    path("slips/", clerk.slips, name="slips"),
    path("slips/many/", clerk.many, name="many"),
    path("slips/everybody/", clerk.everybody, name="everybody"),
    path("slips/person/<int:pk>/", clerk.person, name="person"),
    path("slips/person/<int:pk>/withdraw/", clerk.withdraw, name="withdraw"),
    path("slips/printed/<uuid:uid>/", clerk.printed, name="printed"),
]
