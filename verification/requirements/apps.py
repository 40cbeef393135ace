from django.apps import AppConfig


class RequirementsConfig(AppConfig):
    name = "verification.requirements"
    label = "verification_requirements"
    verbose_name = "达标要求"
