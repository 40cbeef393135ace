from django.urls import path

from . import views

app_name = "requirements"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("new/", views.begin, name="begin"),
    path("<int:pk>/", views.ruleset, name="ruleset"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/revise/", views.revise, name="revise"),
    path("<int:pk>/rule/", views.rule, name="rule"),
    path("rule/<int:pk>/", views.edit_rule, name="edit_rule"),
    path("rule/<int:pk>/remove/", views.remove_rule, name="remove_rule"),
    path("<int:pk>/try/", views.try_out, name="try_out"),
    path("trial/<int:pk>/", views.trial, name="trial"),
    path("trial/export/", views.trial_export, name="trial_export"),
    path("figure/", views.figure, name="figure"),
    path("figure/<int:pk>/", views.figurechange, name="figurechange"),
    path("figure/<int:pk>/edit/", views.edit_figure, name="edit_figure"),
    path("figure/<int:pk>/try/", views.try_figure, name="try_figure"),
]
