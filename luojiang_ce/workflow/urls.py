from django.urls import path

from . import views

app_name = "workflow"
urlpatterns = [path("cases/<str:case_type>/<int:pk>/<slug:name>/", views.act, name="act")]
