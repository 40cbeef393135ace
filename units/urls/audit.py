from django.urls import path

from units.views import audit

app_name = "audit"
urlpatterns = [
    path("", audit.events, name="events"),
    path("export/", audit.export, name="export"),
    path("check/", audit.check, name="check"),
    path("case/<str:case_type>/<int:pk>/", audit.case, name="case"),
]
