from django.apps import AppConfig


class ClassesConfig(AppConfig):
    name = "training.classes"
    label = "training_classes"
    verbose_name = "开班申请"
