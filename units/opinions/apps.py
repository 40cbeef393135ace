from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    name = "units.opinions"
    label = "opinions"
    verbose_name = "业务主管部门意见"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_events, register_kinds
        from units.opinions.reading import KIND

        register_kinds(KIND)
        register_events(opinion="业务主管部门意见", opinion_changed="更改业务主管部门意见")
