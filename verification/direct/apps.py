from django.apps import AppConfig


class DirectConfig(AppConfig):
    name = "verification.direct"
    label = "verification_direct"
    verbose_name = "调训验证"

    def ready(self):
        from luojiang_ce.sheets.imports import register_import
        from luojiang_ce.workflow.case_kind import register_kinds
        from verification.direct import exports
        from verification.direct.case import KIND
        from verification.direct.importing import PASS_IMPORT

        register_kinds(KIND)
        register_import(PASS_IMPORT)
        exports.register()
