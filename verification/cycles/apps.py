from django.apps import AppConfig


class CyclesConfig(AppConfig):
    name = "verification.cycles"
    label = "verification_cycles"
    verbose_name = "教师周期"

    def ready(self) -> None:
        from luojiang_ce.access import READ_PEOPLE
        from luojiang_ce.home.registry import NavItem, Section, register_nav
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_kinds

        from . import exports
        from .case import KIND
        from .entries import PROOF_PRINTED

        register_kinds(KIND)
        register_printouts(PROOF_PRINTED)
        exports.register()
        register_nav(
            NavItem("教师周期", "calendar-range", "cycles:board", READ_PEOPLE.roles, group=Section.LOOKUP, order=62)
        )
