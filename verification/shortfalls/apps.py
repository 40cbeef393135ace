from django.apps import AppConfig


class ShortfallsConfig(AppConfig):
    name = "verification.shortfalls"
    label = "verification_shortfalls"
    verbose_name = "还差多少"

    def ready(self) -> None:
        from luojiang_ce.access import READ_PEOPLE
        from luojiang_ce.home.registry import NavItem, Section, register_nav
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.workflow.case_kind import register_events
        from verification.ledger.registry import register_on_its_way

        from . import exports, on_the_way, overview, planning, services

        exports.register()
        register_on_its_way(on_the_way.on_its_way)
        register_job(overview.KIND, overview.count_in_background)
        register_job(services.KIND, services.remind_in_background)
        register_job(planning.KIND, planning.plan_in_background)
        register_events(**{services.REMINDED: "催办"})
        register_nav(
            NavItem(
                "还差多少",
                "chart-no-axes-gantt",
                "shortfalls:overview",
                READ_PEOPLE.roles,
                group=Section.VERIFICATION,
                order=39,
            )
        )
