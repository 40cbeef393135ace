from django.urls import path

from . import change_views, views

app_name = "terms"
urlpatterns = [
    path("extensions/", views.extensions, name="extensions"),
    path("extensions/ask/", views.ask, name="ask"),
    path("extensions/offer/", views.offer, name="offer"),
    path("extensions/offer/one/", views.offer_one, name="offer_one"),
    path("extensions/<int:pk>/", views.extension, name="extension"),
    path("extensions/<int:pk>/edit/", views.edit, name="edit"),
    path("calendar/", change_views.overview, name="calendar"),
    path("calendar/year/", change_views.year_new, name="year_new"),
    path("calendar/closure/", change_views.closure_new, name="closure_new"),
    path("calendar/closure/<int:pk>/end/", change_views.closure_end, name="closure_end"),
    path("calendar/settings/", change_views.setting_new, name="setting_new"),
    path("lapses/", views.lapses, name="lapses"),
    path("lapses/<int:pk>/", views.lapse, name="lapse"),
]
