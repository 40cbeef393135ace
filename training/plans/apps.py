from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "training.plans"
    label = "training_plans"
    verbose_name = "培训计划"
