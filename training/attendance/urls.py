from datetime import date

from django.urls import path, register_converter

from . import views


class DayConverter:
    """A date in an address: 2026-05-11."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayConverter, "day")

app_name = "attendance"
urlpatterns = [
    path("", views.listing, name="list"),
    path("<int:pk>/", views.of_class, name="class"),
    path("<int:pk>/template.xlsx", views.import_template, name="template"),
    path("<int:pk>/import/", views.IMPORT.upload, name="import"),
    path("<int:pk>/import/<uuid:token>/", views.IMPORT.page, name="import_preview"),
    path("<int:pk>/import/<uuid:token>/wrong.xlsx", views.IMPORT.returned, name="import_returned"),
    path("<int:pk>/platform.xlsx", views.platform_template, name="platform_template"),
    path("<int:pk>/platform/", views.PLATFORM.upload, name="platform"),
    path("<int:pk>/platform/<uuid:token>/", views.PLATFORM.page, name="platform_preview"),
    path("<int:pk>/platform/<uuid:token>/wrong.xlsx", views.PLATFORM.returned, name="platform_returned"),
    path("<int:pk>/sheets.pdf", views.all_sheets_pdf, name="all_sheets_pdf"),
    path("<int:pk>/<day:day>/<str:half_day>/sheet.pdf", views.sheet_pdf, name="sheet_pdf"),
    path("<int:pk>/<day:day>/<str:half_day>/", views.half_day, name="half_day"),
    path("<int:pk>/<day:day>/<str:half_day>/scan/", views.scan, name="scan"),
    path("<int:pk>/<day:day>/<str:half_day>/<int:enrolment>/", views.correct, name="correct"),
]
