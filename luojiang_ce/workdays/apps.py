from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    name = "luojiang_ce.workdays"
    label = "workdays"
    verbose_name = "工作日历"
