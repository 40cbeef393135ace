from django.urls import path

from . import views

app_name = "files"
urlpatterns = [
    path("files/<uuid:uid>/", views.download, name="download"),
    path("files/<uuid:uid>/remove/", views.delete, name="remove"),
    path("files/<uuid:uid>/move/", views.move_to, name="move"),
    path("files/to/<str:case_type>/<int:pk>/", views.sort, name="sort"),
    path("files/to/<str:case_type>/<int:pk>/<slug:material>/", views.upload, name="upload"),
]
