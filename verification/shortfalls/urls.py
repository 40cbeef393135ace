from django.urls import path

from . import views

app_name = "shortfalls"
urlpatterns = [
    path("", views.units, name="overview"),
    path("export/", views.export, name="export"),
    path("remind/", views.remind, name="remind"),
    path("count/", views.count, name="count"),
    path("<int:pk>/", views.unit, name="unit"),
    path("<int:pk>/plan/", views.plan, name="plan"),
    path("<int:pk>/plan/later/", views.plan_later, name="plan_later"),
]
