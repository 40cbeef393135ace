from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "luojiang_ce.sheets"
    label = "sheets"
    verbose_name = "表格"
