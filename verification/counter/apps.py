from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "verification.counter"
    label = "verification_counter"
    verbose_name = "柜台与预约"

    def ready(self) -> None:
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.calendar_entry.following import register_follower

        from . import exports
        from .bookings import DAY_SHEET
        from .case import KIND
        from .cover import COVER
        from .rest_days import close_on_rest_days
        from .waiting import KIND as WAITING

        register_kinds(KIND, WAITING)
        register_printouts(COVER, DAY_SHEET)
        exports.register()
        register_follower(close_on_rest_days)
