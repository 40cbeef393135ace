"""Addresses that a slip opens. Short, so that the picture is coarse and the address can be typed."""

from django.urls import path, register_converter

from luojiang_ce.papers.codes import plain

from .views import public


class AddressConverter:
    """The letters of a slip's address, as they were printed or typed."""

    regex = "[0-9A-Za-z]{1,40}"

    def to_python(self, value: str) -> str:
        return plain(value)

    def to_url(self, value: str) -> str:
        return value


register_converter(AddressConverter, "slip")

app_name = "own"
urlpatterns = [
    path("<slip:token>/", public.door, name="door"),
    path("<slip:token>/record/", public.record, name="record"),
    path("<slip:token>/objection/", public.objection, name="objection"),
    path("<slip:token>/objection/<int:pk>/withdraw/", public.withdraw, name="withdraw"),
    path("<slip:token>/objection/<int:pk>/bureau/", public.ask_bureau, name="ask_bureau"),
    path("<slip:token>/papers/<uuid:uid>/", public.paper, name="paper"),
    path("<slip:token>/papers/<uuid:uid>/record.json", public.carried, {"file": "record"}, name="carried_record"),
    path("<slip:token>/papers/<uuid:uid>/badge.jwt", public.carried, {"file": "badge"}, name="carried_badge"),
    path("<slip:token>/close/", public.close, name="close"),
]
