"""Every act of a scenario, by its name: what it is called there, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.simulation import acts_of_people as people
from tests.simulation import acts_of_training as training

ACTS: Mapping[str, Callable[..., None]] = {
    "plan": training.plan,
    "publish": training.publish,
    "open": training.open_class,
    "approve": training.approve,
    "cancel": training.cancel,
    "never_held": training.never_held,
    "enrol": training.enrol,
    "sign": training.sign,
    "file_recognition": training.file_recognition,
    "recognise": training.recognise,
    "decide": training.decide,
    "withdraw": training.withdraw,
    "declare": people.declare,
    "leave": people.leave,
    "move": people.move,
    "quit": people.quit_unit,
    "file": people.file,
    "review": people.review,
    "counter": people.counter,
    "stamp": people.stamp,
    "extend": people.extend,
    "closure": people.closure,
    "direct": people.direct,
}
