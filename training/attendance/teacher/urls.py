from django.urls import path

from . import views

app_name = "teacher"
urlpatterns = [
    path("class/<int:pk>/", views.links, name="links"),
    path("class/<int:pk>/<int:link>/revoke/", views.revoke, name="revoke"),
    path("<str:token>/", views.today, name="today"),
    path("<str:token>/take/", views.send, name="send"),
    path("<str:token>/worker.js", views.worker, name="worker"),
    path("<str:token>/<day:day>/<str:half_day>/", views.half_day, name="half_day"),
    path("<str:token>/<day:day>/<str:half_day>/live/", views.live, name="live"),
    path("<str:token>/<day:day>/<str:half_day>/screen/", views.screen, name="screen"),
]
