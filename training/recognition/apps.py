from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "training.recognition"
    label = "training_recognition"
    verbose_name = "学时认定"
