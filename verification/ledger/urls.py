from django.urls import path

from . import views

app_name = "ledger"
urlpatterns = [
    path("", views.people, name="people"),
    path("export/", views.export, name="export"),
    path("people/<int:pk>/", views.person, name="person"),
]
