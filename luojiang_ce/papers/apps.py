from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "luojiang_ce.papers"
    label = "papers"
    verbose_name = "文书"
