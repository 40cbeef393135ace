from django.urls import path

from . import views

app_name = "handing"
urlpatterns = [
    path("ticked/", views.give_many, name="ticked"),
    path("over/", views.over, name="over"),
    path("<str:case_type>/<int:pk>/", views.give_one, name="give"),
]
