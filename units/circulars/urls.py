from django.urls import path

from . import views

app_name = "circulars"
urlpatterns = [
    path("", views.circulars, name="list"),
    path("new/", views.new, name="new"),
    path("new/<str:case_type>/<int:pk>/", views.new_about, name="new_about"),
    path("<int:pk>/", views.circular, name="circular"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/correct/", views.correct, name="correct"),
    path("<int:pk>/remind/", views.remind, name="remind"),
    path("receipts/", views.receipts, name="receipts"),
    path("receipts/export/", views.export, name="export"),
    path("receipts/remind/", views.remind_ticked, name="remind_ticked"),
    path("receipts/<int:pk>/", views.receipt, name="receipt"),
]
