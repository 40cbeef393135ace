from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "training.inspections"
    label = "training_inspections"
    verbose_name = "监督检查"
