from django.urls import path

from units.views import seals

app_name = "seals"
urlpatterns = [
    path("", seals.listing, name="list"),
    path("new/", seals.new, name="new"),
    path("<int:pk>/end/", seals.end, name="end"),
    path("<int:pk>/picture/", seals.picture, name="picture"),
    path("<int:pk>/picture/new/", seals.new_picture, name="new_picture"),
    path("<int:pk>/picture/end/", seals.end_picture, name="end_picture"),
]
