from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "verification.ledger"
    label = "verification_ledger"
    verbose_name = "学时台账"

    def ready(self):
        from luojiang_ce.home.registry import NavItem, register_nav
        from units.panels import register_person_link
        from verification.ledger.views import READERS, link_to_hours

        register_person_link(link_to_hours)
        register_nav(NavItem("学时记录", "book-open-check", "ledger:people", READERS, group="查阅", order=61))
