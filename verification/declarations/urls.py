from django.urls import path

from . import views

app_name = "declarations"
urlpatterns = [
    path("", views.declarations, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.declaration, name="declaration"),
    path("<int:pk>/edit/", views.edit, name="edit"),
]
