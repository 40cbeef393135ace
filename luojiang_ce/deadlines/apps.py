from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "luojiang_ce.deadlines"
    label = "deadlines"
    verbose_name = "期限"
