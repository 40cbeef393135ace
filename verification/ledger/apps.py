from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "verification.ledger"
    label = "verification_ledger"
    verbose_name = "学时台账"

    def ready(self):
        from luojiang_ce.access import READ_PEOPLE
        from luojiang_ce.home.registry import NavItem, Section, register_nav
        from luojiang_ce.workflow.audited import register_comparison
        from units.links import register_person_link
        from verification.ledger import audited, exports, leaves
        from verification.ledger.views import link_to_ledger

        exports.register()
        leaves.register()
        register_comparison(audited.comparison())
        register_nav(
            NavItem("学时记录", "book-open-check", "ledger:people", READ_PEOPLE.roles, group=Section.LOOKUP, order=61)
        )
        register_person_link(link_to_ledger)
