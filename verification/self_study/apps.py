from django.apps import AppConfig


class SelfStudyConfig(AppConfig):
    name = "verification.self_study"
    label = "verification_self_study"
    verbose_name = "自学备案"

    def ready(self):
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.services.anonymising import register_texts
        from verification.self_study import exports
        from verification.self_study.case import KIND
        from verification.self_study.models import SelfStudy

        register_kinds(KIND)
        register_texts(SelfStudy, "content", "guide", "note", by="people")
        exports.register()
