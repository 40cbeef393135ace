from django.urls import path

from . import views

app_name = "recognition"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("begin/<int:application>/", views.begin, name="begin"),
    path("<int:pk>/", views.recognition, name="recognition"),
    path("<int:pk>/oddities/", views.oddities, name="oddities"),
    path("<int:pk>/roster.pdf", views.roster_pdf, name="roster_pdf"),
    path("<int:pk>/roster.xlsx", views.roster_xlsx, name="roster_xlsx"),
    path("<int:pk>/people.xlsx", views.people_xlsx, name="people_xlsx"),
    path("<int:pk>/results/", views.results, name="results"),
    path("<int:pk>/decide/<int:enrolment>/", views.decide, name="decide"),
    path("<int:pk>/decide/", views.decide_rest, name="decide_rest"),
    path("<int:pk>/exclude/", views.exclude, name="exclude"),
    path("<int:pk>/exclude/<int:exclusion>/", views.include, name="include"),
]
