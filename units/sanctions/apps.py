from django.apps import AppConfig


class SanctionsConfig(AppConfig):
    name = "units.sanctions"
    label = "sanctions"
    verbose_name = "个人违规处理"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.links import register_person_link
        from units.sanctions import case, exports
        from units.sanctions.models import Sanction
        from units.sanctions.views import link_to_sanctions
        from units.services.anonymising import register_texts

        register_kinds(case.KIND)
        register_texts(Sanction, "breach_detail", "learning", "narrative", "other_measure")
        exports.register()
        register_person_link(link_to_sanctions)
        register_person_link(link_to_sanctions, page="ledger")
