from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "luojiang_ce.health"
    label = "health"
    verbose_name = "运行状况"
