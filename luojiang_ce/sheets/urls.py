from django.urls import path

from . import views

app_name = "sheets"
urlpatterns = [path("exports/<uuid:uid>/", views.export, name="export")]
