"""A phone's clock against the server's: pure cases."""

from datetime import UTC, datetime, timedelta

import pytest

from training.attendance.teacher.device_clock import moment_of

NOON = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)  # the server's, when the ticks arrive
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NONE = timedelta()


@pytest.mark.parametrize(
    ("ahead", "offset", "then", "doubt"),
    [
        (NONE, NONE, NOON - 3 * HOUR, ""),
        (MINUTE, -MINUTE, NOON - 3 * HOUR, ""),
        (DAY, -DAY, NOON - 3 * HOUR, "本机时钟快 1 天，已按服务器时间更正"),
        (-DAY - 90 * MINUTE, DAY + 90 * MINUTE, NOON - HOUR, "本机时钟慢 1 天 1 小时 30 分钟，已按服务器时间更正"),
        (DAY, None, NOON - HOUR, "本机时钟快 1 天，已按服务器时间更正"),
    ],
)
def test_times_are_the_servers(ahead, offset, then, doubt):
    moment = moment_of(then + ahead, offset=offset, sent_at=NOON + ahead, received=NOON)
    assert (moment.at, moment.doubt) == (then, doubt)


def test_a_clock_that_was_set_meanwhile_is_doubtful():
    moment = moment_of(NOON - HOUR, offset=NONE, sent_at=NOON + DAY, received=NOON)
    assert moment.doubt == "点名以后本机时钟改过，时间存疑"
    assert moment.at == NOON - HOUR


def test_nothing_lies_in_the_future():
    moment = moment_of(NOON + HOUR, offset=NONE, sent_at=NOON, received=NOON)
    assert (moment.at, moment.doubt) == (NOON, "本机时间晚于送到的时间，时间存疑")
    moment = moment_of(NOON + MINUTE, offset=NONE, sent_at=NOON, received=NOON)
    assert (moment.at, moment.doubt) == (NOON, "")
