from django.apps import AppConfig


class BookletsConfig(AppConfig):
    name = "verification.booklets"
    label = "verification_booklets"
    verbose_name = "证书登记"

    def ready(self) -> None:
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.links import register_person_link
        from units.services.anonymising import register_texts
        from verification.booklets import exports, kind, models, printing, views

        register_kinds(kind.KIND)
        register_texts(models.WrittenPage, "number", "ended_why")
        register_printouts(printing.PAGES_PRINTED)
        register_person_link(views.link_to_page)
        register_person_link(views.link_to_page, page="ledger")
        exports.register()
