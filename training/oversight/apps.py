from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "training.oversight"
    label = "training_oversight"
    verbose_name = "监督查阅"

    def ready(self) -> None:
        from luojiang_ce.access import OVERSEE
        from luojiang_ce.home.registry import NavItem, Section, register_nav

        pages = (
            ("会签与公布", "stamp", "oversight:batches", ("oversight:batch",)),
            ("计划审核", "notebook-text", "oversight:plans", ("oversight:plan",)),
            ("开班审批", "presentation", "oversight:classes", ()),
            ("监督检查", "search-check", "oversight:inspections", ()),
            ("检查处理", "gavel", "oversight:decisions", ()),
            ("随机抽查", "shuffle", "oversight:draws", ()),
        )
        for order, (label, icon, name, also) in enumerate(pages, 40):
            nav = NavItem(
                label, icon, name, OVERSEE.roles, group=Section.OVERSIGHT, order=order, also=also, whole=False
            )
            register_nav(nav)
