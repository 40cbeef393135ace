from django.urls import path

from . import views

app_name = "terms"
urlpatterns = [
    path("extensions/", views.extensions, name="extensions"),
    path("extensions/ask/", views.ask, name="ask"),
    path("extensions/offer/", views.offer, name="offer"),
    path("extensions/offer/<str:key>/", views.offer_one, name="offer_one"),
    path("extensions/<int:pk>/", views.extension, name="extension"),
    path("extensions/<int:pk>/edit/", views.edit, name="edit"),
    path("lapses/", views.lapses, name="lapses"),
    path("lapses/<int:pk>/", views.lapse, name="lapse"),
]
