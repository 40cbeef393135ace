from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "luojiang_ce.sheets"
    label = "sheets"
    verbose_name = "表格"

    def ready(self) -> None:
        from luojiang_ce.jobs.services import register_job

        from .exports import KIND, make_workbook

        register_job(KIND, make_workbook)
