from django.urls import path

from . import views

app_name = "sanctions"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.begin, name="begin"),
    path("person/<int:pk>/", views.of_person, name="person"),
    path("<int:pk>/", views.sanction, name="sanction"),
    path("<int:pk>/edit/", views.edit, name="edit"),
]
