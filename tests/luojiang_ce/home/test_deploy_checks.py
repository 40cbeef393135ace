"""A production start is refused with a demo's keys, with DEBUG, as a demo, without TLS or e-mail."""

import pytest

from luojiang_ce.home.checks import production


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("DEMO_KEYS", True, "luojiang.E001"),
        ("DEBUG", True, "luojiang.E002"),
        ("DEMO", True, "luojiang.E003"),
        ("SESSION_COOKIE_SECURE", False, "luojiang.E004"),
        ("EMAIL_CHANNEL", False, "luojiang.E005"),
    ],
)
def test_each_is_refused_and_none_else(settings, name, value, code):
    settings.DEMO_KEYS = settings.DEBUG = settings.DEMO = False
    settings.SESSION_COOKIE_SECURE = settings.EMAIL_CHANNEL = True
    assert production(None) == []
    setattr(settings, name, value)
    assert [problem.id for problem in production(None)] == [code]
