from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "training.attendance.phone"
    label = "training_phone"
    verbose_name = "扫码签到"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_kinds

        from . import case, exports

        register_kinds(case.KIND)
        exports.register()
