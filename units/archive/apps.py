from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "units.archive"
    label = "units_archive"
    verbose_name = "归档"

    def ready(self) -> None:
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.sealing.rotation import register_plain
        from luojiang_ce.workflow.case_kind import register_kinds
        from luojiang_ce.workflow.readings import register_readings
        from units.archive import kind, packing
        from units.archive.models import FOLDER
        from units.archive.wording import register_words
        from units.models import Person, Unit

        levels = dict(Unit.MedicalLevel.choices)
        codes = {"category": dict(Person.Category.choices), "institution_level": levels, "levels": levels}
        register_words(codes=codes)
        register_kinds(kind.KIND)
        register_plain(FOLDER)  # a package is read without us, for decades (docs/architecture.md)
        register_readings("archive_fetched")
        register_job(packing.PACK, packing.pack)
        register_job(packing.CHECK, packing.check_again)
