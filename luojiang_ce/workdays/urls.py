from django.urls import path

from . import views

app_name = "workdays"
urlpatterns = [path("explain/", views.explain, name="explain")]
