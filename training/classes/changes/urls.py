from django.urls import path

from . import views

app_name = "changes"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/<int:pk>/", views.new, name="new"),
    path("<int:pk>/", views.change, name="classchange"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/timetable/", views.timetable, name="timetable"),
    path("<int:pk>/form.pdf", views.form_pdf, name="form_pdf"),
]
