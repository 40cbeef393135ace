"""How far a ruling reaches, before it is made: the class counted with it and without it, by what acts later too."""

from __future__ import annotations

from luojiang_ce.once import once_per_row
from training.recognition.corrections.reach import Reach
from training.recognition.counting import corrections_of, gather, gather_unfiled, ruling_value
from training.recognition.models import Recognition, Ruling


def recognition_of(ruling: Ruling) -> Recognition | None:
    """The recognition of its class, with the class that the ruling has at hand; None while nobody has filed one."""
    found = Recognition.objects.filter(application=ruling.application_id).first()
    if found:
        found.application = ruling.application
    return found


@once_per_row
def reach_of(ruling: Ruling) -> Reach:
    """The class before and after. At most eleven queries, once per loaded row."""
    application = ruling.application
    recognition = recognition_of(ruling)
    found = gather(recognition) if recognition else gather_unfiled(application)
    held = corrections_of([application]).get(application.pk, [])
    return Reach(found.tally(held), found.tally([*held, ruling_value(ruling)]), tuple(held))
