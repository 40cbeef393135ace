from django.apps import AppConfig


class TermsConfig(AppConfig):
    name = "units.extensions"
    label = "terms"
    verbose_name = "延期与逾期"

    def ready(self) -> None:
        from luojiang_ce.workdays.services import register_grants
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.extensions import case, exports, reading
        from units.lapses.case import KIND as LAPSE_KIND

        register_kinds(case.KIND, LAPSE_KIND)
        exports.register()
        register_grants(reading.with_grants)
