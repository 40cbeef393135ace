from django.urls import path

from training.attendance.urls import DayConverter as DayConverter  # registers <day:…>

from . import clerk, views

app_name = "phone"
urlpatterns = [
    # Short, so that the picture is coarse and old phones read it from the last row.
    path("s/<int:pk>/", views.mine, name="mine"),
    path("s/<int:pk>/sign/", views.sign, name="sign"),
    path("s/<int:pk>/ask/<day:day>/<str:half_day>/<str:kind>/", views.ask, name="ask"),
    path("s/<int:pk>/<str:code>/", views.scan, name="scan"),
    path("attendance/<int:pk>/<day:day>/<str:half_day>/screen/", clerk.screen, name="screen"),
    path("attendance/requests/", clerk.listing, name="list"),
    path("attendance/requests/export/", clerk.export, name="export"),
    path("attendance/requests/<int:pk>/", clerk.correction_request, name="correctionrequest"),
]
