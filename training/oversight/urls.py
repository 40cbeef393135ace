from django.urls import path

from . import views

app_name = "oversight"
urlpatterns = [
    path("batches/", views.batches, name="batches"),
    path("batches/<int:pk>/", views.batch, name="batch"),
    path("plans/", views.plans, name="plans"),
    path("plans/<int:pk>/", views.plan, name="plan"),
    path("classes/", views.classes, name="classes"),
    path("inspections/", views.inspections, name="inspections"),
    path("decisions/", views.decisions, name="decisions"),
    path("draws/", views.draws, name="draws"),
]
