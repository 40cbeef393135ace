from django.urls import path

from . import views

app_name = "archive"
urlpatterns = [
    path("", views.years, name="years"),
    path("retention/", views.retention, name="retention"),
    path("retention/many/", views.set_retention_of_many, name="set_retention_of_many"),
    path("retention/<str:case_type>/", views.set_retention, name="set_retention"),
    path("<int:year>/", views.year, name="year"),
    path("<int:year>/pack/", views.pack, name="pack"),
    path("package/<uuid:uid>/", views.package, name="package"),
    path("package/<uuid:uid>/download/", views.download, name="download"),
    path("package/<uuid:uid>/report/", views.report, name="report"),
    path("package/<uuid:uid>/check/", views.check, name="check"),
]
