from django.urls import path

from training.attendance.urls import DayConverter as DayConverter  # registers <day:…>

from .views import provider, trainee

app_name = "phone"
urlpatterns = [
    # Short, so that the picture is coarse and old phones read it from the last row.
    path("s/<int:pk>/", trainee.mine, name="mine"),
    path("s/<int:pk>/sign/", trainee.sign, name="sign"),
    path("s/<int:pk>/ask/<day:day>/<str:half_day>/<str:kind>/", trainee.ask, name="ask"),
    path("s/<int:pk>/<str:code>/", trainee.scan, name="scan"),
    path("attendance/<int:pk>/<day:day>/<str:half_day>/screen/", provider.screen, name="screen"),
    path("attendance/requests/", provider.listing, name="list"),
    path("attendance/requests/export/", provider.export, name="export"),
    path("attendance/requests/<int:pk>/", provider.correction_request, name="correctionrequest"),
]
