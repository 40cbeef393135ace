from django.urls import path

from . import views

app_name = "draws"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("new/declarations/", views.new_declarations, name="new_declarations"),
    path("figures/", views.figures, name="figures"),
    path("figures/new/", views.set_figures, name="set_figures"),
    path("published/", views.published, name="published"),
    path("originals/", views.checks, name="checks"),
    path("originals/export/", views.export_checks, name="export_checks"),
    path("originals/<int:pk>/", views.originalscheck, name="originalscheck"),
    path("<int:pk>/", views.draw, name="draw"),
    path("<int:pk>/list.txt", views.text, name="text"),
    path("<int:pk>/record/", views.record_pdf, name="record_pdf"),
]
