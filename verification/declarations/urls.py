from django.urls import path

from . import views

app_name = "declarations"
urlpatterns = [
    path("", views.declarations, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.choose, name="choose"),
    path("new/many/", views.new_many, name="new_many"),
    path("new/<slug:form>/", views.new, name="new"),
    path("<int:pk>/together/", views.together, name="together"),
    path("<int:pk>/together/<slug:material>/", views.together_files, name="together_files"),
    path("<int:pk>/", views.declaration, name="declaration"),
    path("<int:pk>/edit/", views.edit, name="edit"),
]
