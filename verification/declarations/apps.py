from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "verification.declarations"
    label = "verification_declarations"
    verbose_name = "学时申报"
