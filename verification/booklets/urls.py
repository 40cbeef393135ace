from django.urls import path

from . import views

app_name = "booklets"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("pages/", views.pages, name="pages"),
    path("print/", views.print_many, name="print"),
    path("written/", views.written, name="written"),
    path("written/<int:pk>/take-back/", views.take_back, name="take_back"),
    path("people/<int:pk>/", views.page, name="page"),
]
