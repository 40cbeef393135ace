from django.urls import path

from units.views import hand_stamps, seals

app_name = "seals"
urlpatterns = [
    path("", seals.listing, name="list"),
    path("new/", seals.new, name="new"),
    path("hand/", hand_stamps.listing, name="hand"),
    path("hand/apply/", hand_stamps.apply, name="hand_apply"),
    path("hand/<int:pk>/more/", hand_stamps.more, name="hand_more"),
    path("<int:pk>/", seals.seal, name="seal"),
    path("<int:pk>/approve/", seals.approve, name="approve"),
    path("<int:pk>/way/", seals.way, name="way"),
    path("<int:pk>/register.pdf", seals.register_paper, name="register_paper"),
    path("<int:pk>/end/", seals.end, name="end"),
    path("<int:pk>/picture/", seals.picture, name="picture"),
    path("<int:pk>/picture/new/", seals.new_picture, name="new_picture"),
    path("<int:pk>/picture/end/", seals.end_picture, name="end_picture"),
]
