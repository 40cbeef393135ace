from django.urls import path

from .views import batches, consents, plans

app_name = "plans"
urlpatterns = [
    path("", plans.plan_list, name="list"),
    path("export/", plans.export, name="export"),
    path("items/export/", plans.export_items, name="export_items"),
    path("new/", plans.new_plan, name="new"),
    path("supplement/", plans.allow_supplement, name="supplement"),
    path("supplement/ask/", plans.ask_supplement, name="ask_supplement"),
    path("<int:pk>/", plans.plan, name="plan"),
    path("<int:pk>/edit/", plans.edit_plan, name="edit"),
    path("<int:pk>/sheet/", plans.sheet, name="sheet"),
    path("<int:pk>/form1.pdf", plans.pdf, name="pdf"),
    path("<int:pk>/items/new/", plans.edit_item, name="item_new"),
    path("<int:pk>/items/<int:item_pk>/edit/", plans.edit_item, name="item_edit"),
    path("<int:pk>/items/<int:item_pk>/delete/", plans.delete_item, name="item_delete"),
    path("items/", plans.item_list, name="items"),
    path("items/<int:pk>/", plans.item, name="item"),
    path("batches/", batches.batch_list, name="batches"),
    path("batches/open/<int:year>/", batches.open_batch, name="batch_open"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/gather/", batches.gather, name="gather"),
    path("batches/<int:pk>/drop/<int:item_pk>/", batches.drop, name="drop"),
    path("batches/<int:pk>/consent/<int:body_pk>/", consents.consent, name="consent"),
    path("batches/<int:pk>/answer/<int:body_pk>/", consents.answer, name="answer"),
    path("bodies/", consents.bodies, name="bodies"),
    path("bodies/new/", consents.edit_body, name="body_new"),
    path("bodies/<int:pk>/", consents.edit_body, name="body_edit"),
]
