from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "training.attendance"
    label = "training_attendance"
    verbose_name = "考勤"

    def ready(self):
        from luojiang_ce.access.cases import register_case
        from luojiang_ce.files.registry import register_files
        from luojiang_ce.home.registry import NavItem, register_nav, register_todo
        from luojiang_ce.workflow.pages import EDIT_LABELS

        from . import models, services, todos, views

        register_case(models.HalfDaySheet)
        register_files(models.HalfDaySheet, services.FILE_RULES)
        register_nav(NavItem("考勤", "clipboard-check", "attendance:list", views.READERS, order=32))
        register_todo(todos.half_days_to_record)
        EDIT_LABELS.update(
            signs_recorded="登记",
            signs_struck="作废签到记录",
            signs_corrected="更正签到记录",
        )
