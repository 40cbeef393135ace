"""Addresses of the yearly verification: batches and the counter."""

from django.urls import path

from training.attendance.urls import DayConverter as DayConverter  # registers <day:…>

from .batches.views import batches, people, taking_away
from .counter.views import counter, season, slots

app_name = "batches"
urlpatterns = [
    path("", batches.listing, name="list"),
    path("export/", batches.export, name="export"),
    path("new/", batches.new, name="new"),
    path("<int:pk>/", batches.batch, name="batch"),
    path("<int:pk>/head/", batches.head, name="head"),
    path("<int:pk>/refreeze/", batches.refreeze, name="refreeze"),
    path("<int:pk>/form4.xlsx", batches.sheet, name="sheet"),
    path("<int:pk>/form4.pdf", batches.pdf, name="pdf"),
    path("<int:pk>/take-away/", taking_away.take_away, name="take_away"),
    path("taken-away/<uuid:uid>/", taking_away.taken_away, name="taken_away"),
    path("<int:pk>/people/", people.choose, name="choose"),
    path("<int:pk>/rows/", people.rows, name="rows"),
    path("<int:pk>/remove/", people.remove, name="remove"),
    path("unlisted/", people.unlisted, name="unlisted"),
    path("for-us/", people.for_us, name="for_us"),
    path("<int:pk>/counter/", counter.counter, name="counter"),
    path("<int:pk>/arrived/", counter.arrived, name="arrived"),
    path("<int:pk>/cover.pdf", counter.cover, name="cover"),
    path("<int:pk>/decide/", counter.decide, name="decide"),
    path("<int:pk>/recheck/", counter.recheck, name="recheck"),
    path("<int:pk>/materials/", counter.materials, name="materials"),
    path("records/<int:pk>/", counter.record, name="record"),
    path("records/<int:pk>/certificate/", counter.certificate, name="certificate"),
    path("slots/", slots.slots, name="slots"),
    path("slots/export/", slots.export, name="export_slots"),
    path("slots/close/", slots.close_many, name="close_slots"),
    path("slots/new/", slots.new_slots, name="new_slots"),
    path("slots/<int:pk>/", slots.slot, name="slot"),
    path("bookings/", slots.bookings, name="bookings"),
    path("bookings/export/", slots.export_bookings, name="export_bookings"),
    path("bookings/<day:day>.pdf", slots.day_sheet, name="day_sheet"),
    path("season/", season.season, name="season"),
    path("appointments/", slots.book, name="book"),
    path("appointments/wait/", slots.wait, name="wait"),
    path("appointments/waiting/<int:pk>/", slots.waiting, name="waiting"),
    path("appointments/<int:pk>/", slots.appointment, name="appointment"),
]
