from django.apps import AppConfig


class TermsConfig(AppConfig):
    name = "units.terms"
    label = "terms"
    verbose_name = "延期与逾期"

    def ready(self) -> None:
        from luojiang_ce.workdays.services import register_grants
        from luojiang_ce.workflow.case_kind import register_kinds

        from . import case, reading

        register_kinds(*case.KINDS)
        register_grants(reading.with_grants)
