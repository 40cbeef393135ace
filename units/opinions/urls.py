from django.urls import path

from . import views

app_name = "opinions"
urlpatterns = [
    path("<str:case_type>/<int:case_id>/", views.give, name="give"),
    path("<str:case_type>/<int:case_id>/record/", views.record, name="record"),
]
