from django.urls import path

from . import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.inbox, name="inbox"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/settings/", views.preferences, name="preferences"),
    path("notices/outbox/", views.outgoing, name="outbox"),
    path("notices/outbox/resend/", views.resend_given_up, name="resend"),
    path("notices/<int:pk>/", views.open_notice, name="open"),
]
