from django.urls import path

from . import views

app_name = "workflow"
urlpatterns = [
    path("cases/<str:case_type>/<int:pk>/delete-draft/", views.remove_draft, name="delete_draft"),
    path("cases/<str:case_type>/<int:pk>/<slug:name>/", views.act, name="act"),
    path("undo/", views.put_back, name="undo"),
]
