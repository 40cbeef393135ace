from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "luojiang_ce.jobs"
    label = "jobs"
    verbose_name = "后台任务"
