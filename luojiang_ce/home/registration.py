"""What the shell puts into the registries, its own and for the building blocks below, which cannot reach up to it;
called once, by the app's `ready()`."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in

from luojiang_ce.access import DO_BUREAU_WORK, READ_CASES, READ_SEAL_REGISTER, READ_TASK_RUNS, Role
from luojiang_ce.authentication.addresses import address_of
from luojiang_ce.authentication.handler import ADDRESS_LOCKED, FAILED, LOCKED
from luojiang_ce.authentication.sessions import touch
from luojiang_ce.jobs.services import register_job
from luojiang_ce.proof.keyring import ensure_keys
from luojiang_ce.workflow.case_kind import register_events
from luojiang_ce.workflow.phrases import load_phrases
from luojiang_ce.workflow.readings import register_readings
from luojiang_ce.workflow.views import register_worker

from . import (
    checks,  # noqa: F401  its import registers them
    slow_steps,
)
from .many import KIND, take_steps
from .on_record import FETCHED
from .registry import Demo, NavItem, Section, register_demo, register_nav, register_reference
from .sign_on import REFUSED

ENTRIES = (
    NavItem(
        "退回用语",
        "quote",
        "home:phrases",
        DO_BUREAU_WORK.roles,
        group=Section.RULES,
        order=82,
        also=("home:phrase_new",),
        whole=False,
    ),
    NavItem("今日", "calendar-check", "home:start", group=Section.OFFICE, order=0, tab=True, whole=False),
    NavItem(
        "工作日历",
        "calendar-days",
        "home:calendar",
        group=Section.LOOKUP,
        order=79,
        also=("home:calendar_year",),
        whole=False,
    ),
    NavItem("期限总表", "alarm-clock", "deadlines:board", READ_CASES.roles, group=Section.LOOKUP, order=78),
    NavItem("消息发送", "send", "notices:outbox", (Role.SYSTEM_ADMIN,), group=Section.ADMIN, order=91, whole=False),
    NavItem("运行状况", "heart-pulse", "health:page", READ_TASK_RUNS.roles, group=Section.ADMIN, order=89),
    NavItem("后台运行", "activity", "jobs:runs", READ_TASK_RUNS.roles, group=Section.ADMIN, order=90),
    NavItem("文书", "file-text", "papers:list", group=Section.LOOKUP, order=80),
    NavItem("用印登记", "stamp", "papers:register", READ_SEAL_REGISTER.roles, group=Section.LOOKUP, order=81),
)
EVENTS = {
    "signed_in": "登录",
    "signed_out": "退出登录",
    FAILED: "登录失败",
    LOCKED: "连续失败，锁定登录名",
    ADDRESS_LOCKED: "失败过多，不许从该地址登录",
    FETCHED: "下载文件",
    "password_changed": "修改密码",
    "sessions_ended": "结束登录",
    "factor_added": "启用验证器",
    "factor_removed": "停用验证器",
    "factor_reset": "重设二次验证",
    "recovery_code_used": "用恢复码登录",
    "recovery_codes_renewed": "换一组恢复码",
    "passkey_added": "添加通行密钥",
    "passkey_removed": "移除通行密钥",
    "passkey_used": "用通行密钥登录",
    "passkey_copied": "通行密钥的使用次数变小",
    "signed_on": "统一身份认证通过",
    REFUSED: "统一身份认证没有通过",
    "feed_renewed": "生成日历订阅地址",
    "feed_revoked": "停用日历订阅地址",
    "phrase_added": "添加退回用语",
    "phrase_on": "启用退回用语",
    "phrase_off": "停用退回用语",
}


def register() -> None:
    """Entries of the navigation, words of events, acts on many, what a fresh system and the demo begin with."""
    # The session is written by signing in anyway; the first page after it has nothing to note.
    user_logged_in.connect(
        lambda request, **kwargs: touch(request.session, address_of(request)), weak=False, dispatch_uid="session"
    )
    register_events(**EVENTS)
    register_readings("signed_in", "signed_out", "signed_on", REFUSED, FAILED, LOCKED, ADDRESS_LOCKED, FETCHED)
    register_job(KIND, take_steps)
    register_job(slow_steps.KIND, slow_steps.take)
    register_worker(slow_steps.hand_over)
    register_reference("退回用语", load_phrases)
    register_reference("签名密钥", ensure_keys)
    register_demo(Demo("签名密钥", "luojiang_ce.proof.demo.make_keys_older", order=5))
    register_demo(Demo("消息", "luojiang_ce.notices.demo.read_what_is_old", order=90))
    for entry in ENTRIES:
        register_nav(entry)
