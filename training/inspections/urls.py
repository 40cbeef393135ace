from django.urls import path

from . import sheet_views, views

app_name = "inspections"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("conflicts/", views.conflicts, name="conflicts"),
    path("conflicts/new/", views.declare, name="declare"),
    path("conflicts/<int:pk>/end/", views.end_conflict, name="end_conflict"),
    path("reports/", views.reports, name="reports"),
    path("reports/new/", views.new_report, name="new_report"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("sheet/worker.js", sheet_views.worker, name="worker"),
    path("sheet/<int:pk>/", sheet_views.sheet, name="sheet"),
    path("sheet/<int:pk>/picture/", sheet_views.picture, name="picture"),
    path("sheet/<int:pk>/standing/", sheet_views.standing, name="standing"),
    path("<int:pk>/", views.inspection, name="inspection"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/class/", views.attach, name="attach"),
    path("<int:pk>/record.pdf", views.record_pdf, name="record_pdf"),
]
