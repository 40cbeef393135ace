from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "luojiang_ce.notices"
    label = "notices"
    verbose_name = "消息"
