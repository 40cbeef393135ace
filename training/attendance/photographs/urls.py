from django.urls import path

from . import views

app_name = "photographs"
urlpatterns = [
    path("<int:pk>/", views.of_class, name="class"),
    path("sheet/<uuid:uid>/", views.photograph, name="photograph"),
    path("sheet/<uuid:uid>/picture/", views.picture, name="picture"),
    path("sheet/<uuid:uid>/discard/", views.discard, name="discard"),
]
