from django.urls import path

from units.views import seals

app_name = "seals"
urlpatterns = [
    path("", seals.listing, name="list"),
    path("new/", seals.new, name="new"),
    path("<int:pk>/end/", seals.end, name="end"),
]
