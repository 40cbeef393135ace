from django.urls import path

from . import views

app_name = "papers"
urlpatterns = [
    path("check/", views.check, name="check"),
    path("check/<str:code>/", views.check_code, name="check_code"),
    path("check/<str:code>/proof/", views.proof, name="proof"),
    path("papers/", views.listing, name="list"),
    path("papers/export/", views.export, name="export"),
    path("papers/register/", views.register, name="register"),
    path("papers/register.xlsx", views.register_workbook, name="register_workbook"),
    path("papers/printed/<uuid:uid>/", views.printed, name="printed"),
    path("papers/together/<str:kind>/<int:case>/", views.print_together, name="together"),
    path("papers/together/<uuid:uid>/", views.together_file, name="together_file"),
    path("papers/<uuid:uid>/", views.paper, name="paper"),
    path("papers/<uuid:uid>/file/", views.download, name="download"),
    path("papers/<uuid:uid>/state/", views.state, name="state"),
    path("papers/<uuid:uid>/retry/", views.again, name="retry"),
]
