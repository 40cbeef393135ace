"""A production start is refused with a demo's keys, with DEBUG, as a demo, without TLS or e-mail."""

import pytest

from luojiang_ce.home.checks import production
from luojiang_ce.papers.checks import certificates, signing


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("DEMO_KEYS", True, "luojiang.E001"),
        ("DEBUG", True, "luojiang.E002"),
        ("DEMO", True, "luojiang.E003"),
        ("SESSION_COOKIE_SECURE", False, "luojiang.E004"),
        ("EMAIL_CHANNEL", False, "luojiang.E005"),
        ("BACKUP_DIR", "", "luojiang.E014"),
        ("OIDC_ISSUER", "http://sso.example", "luojiang.E030"),
    ],
)
def test_each_is_refused_and_none_else(settings, name, value, code):
    settings.DEMO_KEYS = settings.DEBUG = settings.DEMO = False
    settings.SESSION_COOKIE_SECURE = settings.EMAIL_CHANNEL = True
    settings.BACKUP_DIR = "/srv/backup"
    assert production(None) == []
    setattr(settings, name, value)
    assert [problem.id for problem in production(None)] == [code]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SIGNERS": ["bureau"]}, "luojiang.E007"),
        ({"SIGNERS": {"bureau": "file.p12"}}, "luojiang.E007"),
        ({"TIMESTAMP_URL": "tsa.example"}, "luojiang.E008"),
        ({"TIMESTAMP_REQUIRED": True}, "luojiang.E009"),
    ],
)
def test_settings_of_signing_that_cannot_be_meant_are_named_at_every_start(settings, changed, code):
    assert signing(None) == []
    for name, value in changed.items():
        setattr(settings, name, value)
    assert [problem.id for problem in signing(None)] == [code]


def test_certificates_that_cannot_be_used_are_refused(settings):
    assert certificates(None) == []
    settings.SIGNERS = {"bureau": {"file": "/nowhere/bureau.p12"}}
    (problem,) = certificates(None)
    assert problem.id == "luojiang.E010"
    assert "bureau.p12 读不到" in problem.msg
    assert "/nowhere" not in problem.msg
