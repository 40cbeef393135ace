from django.urls import path

from .views import published

app_name = "published"
urlpatterns = [
    path("", published.listing, name="list"),
    path("calendar.ics", published.calendar, name="calendar"),
    path("<int:pk>/", published.project, name="project"),
    path("sessions/<int:pk>.ics", published.session, name="session"),
]
