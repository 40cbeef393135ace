from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "verification.declarations"
    label = "verification_declarations"
    verbose_name = "学时申报"

    def ready(self):
        from luojiang_ce.workflow.case_kind import register_kinds
        from verification.declarations.case import KIND
        from verification.declarations.services import link_to_new, on_their_way
        from verification.ledger.registry import register_ledger_link, register_on_its_way, register_standings
        from verification.verdicts import standings

        register_kinds(KIND)
        register_on_its_way(on_their_way)
        register_ledger_link(link_to_new)
        register_standings(standings)
