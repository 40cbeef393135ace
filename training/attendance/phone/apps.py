from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "training.attendance.phone"
    label = "training_phone"
    verbose_name = "扫码签到"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_kinds
        from training.attendance.links import register_list_link, register_signing_link
        from units.services.anonymising import register_texts

        from . import case, exports, models, screen

        register_kinds(case.KIND)
        register_texts(models.CorrectionRequest, "reason", "answer", by="enrolment__person")
        exports.register()
        register_signing_link(screen.link_to)
        register_list_link("签到更正申请", "phone:list", "user-check")
