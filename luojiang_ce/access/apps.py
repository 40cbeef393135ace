from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "luojiang_ce.access"
    label = "access"
    verbose_name = "权限"
