from django.urls import path

from . import batch_views, views

app_name = "plans"
urlpatterns = [
    path("", views.plan_list, name="list"),
    path("new/", views.new_plan, name="new"),
    path("supplement/", views.allow_supplement, name="supplement"),
    path("<int:pk>/", views.plan, name="plan"),
    path("<int:pk>/edit/", views.edit_plan, name="edit"),
    path("<int:pk>/sheet/", views.sheet, name="sheet"),
    path("<int:pk>/items/new/", views.edit_item, name="item_new"),
    path("<int:pk>/items/<int:item_pk>/edit/", views.edit_item, name="item_edit"),
    path("<int:pk>/items/<int:item_pk>/delete/", views.delete_item, name="item_delete"),
    path("items/", views.item_list, name="items"),
    path("items/<int:pk>/", views.item, name="item"),
    path("batches/", batch_views.batch_list, name="batches"),
    path("batches/open/<int:year>/", batch_views.open_batch, name="batch_open"),
    path("batches/<int:pk>/", batch_views.batch, name="batch"),
    path("batches/<int:pk>/gather/", batch_views.gather, name="gather"),
    path("batches/<int:pk>/drop/<int:item_pk>/", batch_views.drop, name="drop"),
    path("batches/<int:pk>/consent/<int:body_pk>/", batch_views.consent, name="consent"),
]
