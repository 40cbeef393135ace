from django.apps import AppConfig


class DirectConfig(AppConfig):
    name = "verification.direct"
    label = "verification_direct"
    verbose_name = "调训验证"

    def ready(self):
        from luojiang_ce.sheets.imports import register_import
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.services.anonymising import register_texts
        from verification.direct import exports
        from verification.direct.case import KIND
        from verification.direct.importing import PASS_IMPORT
        from verification.direct.models import Passed

        register_kinds(KIND)
        register_texts(Passed, "withdrawn_why")
        register_import(PASS_IMPORT)
        exports.register()
