"""A production start is refused with a demo's keys, weak or equal ones, with DEBUG, as a demo, without TLS, with a
clock that nobody keeps: all at once, each with what to do."""

from base64 import b64encode

import pytest

from luojiang_ce import keys, system_clock
from luojiang_ce.home.checks import looked_after, production
from luojiang_ce.papers.checks import certificates, signing


@pytest.fixture
def sound(settings):
    """Settings that a production start may have."""
    settings.DEMO_KEYS = settings.DEBUG = settings.DEMO = settings.OLDER_SEALS = False
    settings.SESSION_COOKIE_SECURE = settings.EMAIL_CHANNEL = settings.CLOCK_KEPT_OUTSIDE = True
    settings.BACKUP_DIR, settings.PUBLIC_URL = "/srv/backup", "https://jixujiaoyu.example"
    settings.BROKER_URL = "redis://:password@127.0.0.1:6379/0"
    for name, value in (line.split("=", 1) for line in keys.new_keys()):
        setattr(settings, name, value)
    assert [*production(None), *looked_after(None)] == []
    return settings


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("DEMO_KEYS", True, "luojiang.E001"),
        ("DEBUG", True, "luojiang.E002"),
        ("DEMO", True, "luojiang.E003"),
        ("SESSION_COOKIE_SECURE", False, "luojiang.E004"),
        ("EMAIL_CHANNEL", False, "luojiang.E005"),
        ("BACKUP_DIR", "", "luojiang.E014"),
        ("OLDER_SEALS", True, "luojiang.W033"),
        ("OIDC_ISSUER", "http://sso.example", "luojiang.E030"),
        ("BROKER_URL", "redis://127.0.0.1:6379/0", "luojiang.E031"),
        ("PUBLIC_URL", "http://jixujiaoyu.example", "luojiang.E015"),
        ("SECRET_KEY", "CHANGE", "luojiang.E016"),
        ("ID_LOOKUP_KEY", "ab" * 40, "luojiang.E016"),
        ("EVENT_LOG_KEY", "", "luojiang.E016"),
        ("ID_ENCRYPTION_KEY", "CHANGE", "luojiang.E016"),
        ("ID_ENCRYPTION_KEY", b64encode(bytes(32)).decode(), "luojiang.E016"),
        ("SIGNING_SECRET", b64encode(bytes(range(16))).decode(), "luojiang.E016"),
        ("ID_ENCRYPTION_KEYS_FORMER", ["half a key"], "luojiang.E016"),
    ],
)
def test_each_is_refused_and_none_else(sound, name, value, code):
    setattr(sound, name, value)
    [problem] = [*production(None), *looked_after(None)]
    assert problem.id == code
    assert problem.hint


def test_everything_is_said_at_once(sound):
    sound.DEMO_KEYS, sound.SESSION_COOKIE_SECURE, sound.SECRET_KEY = True, False, "short"
    sound.SIGNING_SECRET = sound.ID_ENCRYPTION_KEY
    sound.ID_ENCRYPTION_KEYS_FORMER = [sound.ID_ENCRYPTION_KEY]
    told = [problem.id[-4:] for problem in production(None)]
    assert told == ["E001", "E016", "E017", "E017", "E004"]
    assert all(sound.ID_ENCRYPTION_KEY not in f"{problem.msg}{problem.hint}" for problem in production(None))


@pytest.mark.parametrize(("kept", "codes"), [(True, []), (False, ["luojiang.E018"]), (None, ["luojiang.W019"])])
def test_the_clock_is_asked_for(sound, monkeypatch, kept, codes):
    sound.CLOCK_KEPT_OUTSIDE = False
    monkeypatch.setattr(system_clock, "is_synchronised", lambda: kept)
    assert [problem.id for problem in production(None)] == codes


def test_the_kernel_is_asked_as_programs_ask_it():
    """What it says here is not known; where it says it is fixed on every machine of 64 bits (<sys/timex.h>)."""
    assert system_clock.is_synchronised() in (True, False, None)
    assert system_clock._Timex.status.offset == 40


@pytest.mark.parametrize(("status", "kept"), [(0x0001, True), (0x0041, False), (0x0040, False), (None, None)])
def test_what_the_kernel_answers(monkeypatch, status, kept):
    class Kernel:
        @staticmethod
        def adjtimex(asked):
            if status is None:
                return -1
            asked._obj.status = status
            return 0

    monkeypatch.setattr(system_clock.ctypes, "CDLL", lambda name: Kernel)
    assert system_clock.is_synchronised() is kept


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
