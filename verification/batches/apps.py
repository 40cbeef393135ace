from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "verification.batches"
    label = "verification_batches"
    verbose_name = "年度验证"
