from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "training.attendance"
    label = "training_attendance"
    verbose_name = "考勤"

    def ready(self):
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.sheets.imports import register_import
        from luojiang_ce.workflow.case_kind import register_kinds
        from training.classes.afterwards import register_signed, register_traces
        from units.services.anonymising import register_texts

        from .case import KIND
        from .freezing import signs_on_record
        from .importing import SIGNS_IMPORT
        from .models import Sign
        from .platform_importing import PLATFORM_IMPORT
        from .printing import SHEETS_PRINTED
        from .timetable import signed_half_days

        register_kinds(KIND)
        register_texts(Sign, "reason", "struck_reason", emptied=("device",), by="enrolment__person")
        for each in (SIGNS_IMPORT, PLATFORM_IMPORT):
            register_import(each)
        register_printouts(SHEETS_PRINTED)
        register_traces(signs_on_record)
        register_signed(signed_half_days)
