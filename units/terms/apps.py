from django.apps import AppConfig


class TermsConfig(AppConfig):
    name = "units.terms"
    label = "terms"
    verbose_name = "延期与逾期"

    def ready(self) -> None:
        from . import registration

        registration.register()
