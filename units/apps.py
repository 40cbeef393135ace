from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "units"
    label = "units"
    verbose_name = "单位与人员"

    def ready(self) -> None:
        from units import registration

        registration.register()
