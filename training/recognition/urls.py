from django.urls import path

from . import views
from .corrections import views as corrections

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
    path("<int:pk>/correct/", corrections.begin, name="correct"),
    path("corrections/", corrections.listing, name="corrections"),
    path("corrections/export/", corrections.export, name="export_corrections"),
    path("corrections/<int:pk>/", corrections.correction, name="correction"),
    path("corrections/<int:pk>/edit/", corrections.edit, name="correction_edit"),
    path("corrections/<int:pk>/reach/", corrections.reach, name="correction_reach"),
    path("corrections/<int:pk>/amounts/<int:enrolment>/", corrections.amounts, name="correction_amounts"),
    path("corrections/<int:pk>/left-out/", corrections.left_out, name="correction_left_out"),
    path("corrections/<int:pk>/half-day/", corrections.half_day, name="correction_half_day"),
    path("corrections/<int:pk>/whole/", corrections.whole, name="correction_whole"),
    path("corrections/<int:pk>/rest/", corrections.rest, name="correction_rest"),
    path("corrections/<int:pk>/undo/", corrections.undo, name="correction_undo"),
    path("corrections/<int:pk>/lines/<int:line>/remove/", corrections.remove, name="correction_remove"),
]
