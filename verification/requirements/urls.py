from django.urls import path

from . import views

app_name = "requirements"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("figure/", views.figure, name="figure"),
    path("figure/<int:pk>/unset/", views.unset, name="unset"),
    path("<int:pk>/switch/", views.switch, name="switch"),
]
