"""The class's screen (product.md A1): the code of a half-day as it is shown now, and how many are there.

Clerks show it from the class's page; whoever else may show it (a class teacher) renders `screen_part.html` with the
same `screen_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString

from luojiang_ce import clock
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.papers.content import qr_svg
from luojiang_ce.workflow.engine import SYSTEM
from training.attendance.freezing import reasons_against
from training.attendance.links import Place
from training.attendance.models import Sign
from training.attendance.oddities import MARGIN
from training.attendance.pages import slot_args, slot_label
from training.attendance.timetable import Presence, presence, valid_signs
from training.classes.models import ClassApplication
from training.half_days import Slot, current

from .code import IN, OUT, Code, kind_at, open_times, window_of, write


@dataclass(frozen=True)
class Screen:
    """What the screen of a half-day shows at a moment; without a code where phones do not sign now: `closed` says why.

    `url` is what the picture holds.
    """

    kind: str
    label: str
    half_day: str
    closed: str
    url: str
    picture: SafeString
    at: datetime
    expected: int
    presence: Presence

    @property
    def there(self) -> int:
        """How many have signed what is shown."""
        return len(self.presence.signed_in if self.kind == IN else self.presence.signed_out)


def code_key() -> bytes:
    """The key of the codes, of its own and never shown."""
    return salted_hmac("training.attendance.phone.code", "", algorithm="sha256").digest()


def screen_of(application: ClassApplication, slot: Slot, kind: str = "") -> Screen:
    """The screen of a half-day now; `kind` in or out, else what the time of day suggests. A bounded number of queries,
    whatever the trainees."""
    now = clock.local(clock.now())
    kind = kind if kind in (IN, OUT) else kind_at(slot, now)
    closed = why_closed(application, slot, kind, now)
    url = "" if closed else address_of(application, slot, kind, now)
    signs = [sign for sign in valid_signs(application, slot.date) if sign.key == slot.key]
    return Screen(
        kind=kind,
        label=Sign.Kind(kind).label,
        half_day=slot_label(slot.key),
        closed=closed,
        url=url,
        picture=qr_svg(url) if url else SafeString(""),
        at=now,
        expected=sum(not each.missed(slot.begins) for each in application.enrolments.present()),
        presence=presence(signs).get(slot.key, Presence()),
    )


def address_of(application: ClassApplication, slot: Slot, kind: str, moment: datetime) -> str:
    """The address that the picture holds at that moment."""
    code = write(Code(application.pk, *slot.key, kind, window_of(moment)), code_key())
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('phone:scan', args=[application.pk, code])}"


def why_closed(application: ClassApplication, slot: Slot, kind: str, moment: datetime) -> str:
    """Why phones do not sign in or out of the half-day at that moment; empty where they do."""
    if reasons := reasons_against(application, [slot.key], SYSTEM):
        return "；".join(reasons)
    opens, closes = open_times(slot, kind)
    what = f"{slot_label(slot.key)}的扫码{Sign.Kind(kind).label}"
    if moment < opens:
        return f"{what}从 {opens:%H:%M} 开始，现在还没有到"
    if moment > closes:
        return f"{what}到 {closes:%H:%M} 为止，已经结束；漏签的可以申请更正，或请班主任登记"
    return ""


def link_to(place: Place) -> HeadLink | None:
    """To the screen of the half-day, if it is of today; on the page of a class, of the one that is on or comes next."""
    today = [slot for slot in place.slots if slot.date == clock.today()]
    slot = place.slot or current(today, clock.now(), MARGIN)
    if not place.may_write or slot not in today:
        return None
    address = reverse("phone:screen", args=slot_args(place.application, slot.key))
    return HeadLink("课堂二维码", address, "qr-code", primary=True)
