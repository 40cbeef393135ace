"""Every address of the system, one include per app."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("luojiang_ce.home.urls")),
    path("", include("luojiang_ce.workflow.urls")),
    path("", include("luojiang_ce.files.urls")),
    path("", include("luojiang_ce.jobs.urls")),
    path("", include("luojiang_ce.sheets.urls")),
    path("", include("luojiang_ce.notices.urls")),
    path("", include("luojiang_ce.papers.urls")),
    path("", include("luojiang_ce.deadlines.urls")),
    path("people/import/", include("units.roster.urls")),
    path("units/", include("units.urls")),
    path("plans/", include("training.plans.urls")),
    path("people/", include("units.urls.people")),
    path("terms/", include("units.extensions.urls")),
    path("opinions/", include("units.opinions.urls")),
    path("handing/", include("units.handing.urls")),
    path("leaves/", include("units.urls.leaves")),
    path("accounts/", include("units.urls.accounts")),
    path("seals/", include("units.urls.seals")),
    path("audit/", include("units.urls.audit")),
    path("classes/", include("training.classes.urls")),
    path("workdays/", include("luojiang_ce.workdays.urls")),
    path("attendance/", include("training.attendance.urls")),
    path("recognition/", include("training.recognition.urls")),
    path("oversight/", include("training.oversight.urls")),
    path("verification/", include("verification.urls")),
    path("ledger/", include("verification.ledger.urls")),
    path("requirements/", include("verification.requirements.urls")),
    path("declarations/", include("verification.declarations.urls")),
]
