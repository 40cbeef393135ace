from django.urls import path

from units.views import leaves

app_name = "leaves"
urlpatterns = [
    path("", leaves.listing, name="list"),
    path("export/", leaves.export, name="export"),
    path("new/", leaves.begin, name="begin"),
    path("new/<int:person>/", leaves.new, name="new"),
    path("<int:pk>/", leaves.leave, name="leave"),
    path("<int:pk>/edit/", leaves.edit, name="edit"),
]
