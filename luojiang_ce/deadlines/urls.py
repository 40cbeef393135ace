from django.urls import path

from . import views

app_name = "deadlines"
urlpatterns = [
    path("deadlines/", views.board, name="board"),
    path("deadlines/export/", views.export, name="export"),
    path("deadlines/feed/", views.subscribe, name="subscribe"),
    path("deadlines/feed/renew/", views.renew, name="renew"),
    path("deadlines/feed/revoke/", views.revoke, name="revoke"),
    path("deadlines/feed/<str:token>.ics", views.ics, name="feed"),
]
