from django.urls import path

from . import views

app_name = "criticisms"
urlpatterns = [path("", views.criticisms, name="list")]
