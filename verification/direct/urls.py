from django.urls import path

from . import views
from .views import PASS_LIST_PAGES

app_name = "direct"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("template.xlsx", views.template, name="template"),
    path("<int:pk>/", views.directtraining, name="directtraining"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/people/remove/", views.remove, name="remove"),
    path("<int:pk>/people/<int:row>/withdraw/", views.withdraw_one, name="withdraw_one"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/import/", PASS_LIST_PAGES.upload, name="import"),
    path("<int:pk>/import/<uuid:token>/", PASS_LIST_PAGES.page, name="preview"),
    path("<int:pk>/import/<uuid:token>/wrong.xlsx", PASS_LIST_PAGES.returned, name="returned"),
]
