from django.urls import path

from units.calendar_entry import views as calendar_views
from units.lapses import views as lapse_views

from . import views

app_name = "terms"
urlpatterns = [
    path("extensions/", views.extensions, name="extensions"),
    path("extensions/export/", views.export, name="export"),
    path("extensions/ask/", views.ask, name="ask"),
    path("extensions/offer/", views.offer, name="offer"),
    path("extensions/offer/one/", views.offer_one, name="offer_one"),
    path("extensions/<int:pk>/", views.extension, name="extension"),
    path("extensions/<int:pk>/edit/", views.edit, name="edit"),
    path("calendar/", calendar_views.overview, name="calendar"),
    path("calendar/year/", calendar_views.year_new, name="year_new"),
    path("calendar/closure/", calendar_views.closure_new, name="closure_new"),
    path("calendar/closure/<int:pk>/end/", calendar_views.closure_end, name="closure_end"),
    path("calendar/settings/", calendar_views.setting_new, name="setting_new"),
    path("calendar/certificates/<slug:kind>/", calendar_views.certificate_pattern, name="certificate_pattern"),
    path("lapses/", lapse_views.lapses, name="lapses"),
    path("lapses/export/", lapse_views.export, name="export_lapses"),
    path("lapses/<int:pk>/", lapse_views.lapse, name="lapse"),
]
