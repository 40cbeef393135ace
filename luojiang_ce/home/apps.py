from typing import Any

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "luojiang_ce.home"
    label = "home"
    verbose_name = "首页"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from luojiang_ce.access import DO_BUREAU_WORK, READ_CASES, READ_SEAL_REGISTER, READ_TASK_RUNS, Role
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.workflow.case_kind import register_events
        from luojiang_ce.workflow.phrases import load_phrases

        from . import checks  # noqa: F401  its import registers them
        from .many import KIND, take_steps
        from .middleware import touch
        from .registry import Demo, NavItem, register_demo, register_nav, register_reference

        # The session is written by signing in anyway; the first page after it has nothing to note.
        user_logged_in.connect(lambda request, **kwargs: touch(request.session), weak=False, dispatch_uid="session")
        register_events(**{"signed_in": "登录", "signed_out": "退出登录", "password_changed": "修改密码"})
        register_job(KIND, take_steps)
        register_events(feed_renewed="生成日历订阅地址", feed_revoked="停用日历订阅地址")

        register_events(phrase_added="添加退回用语", phrase_on="启用退回用语", phrase_off="停用退回用语")
        register_reference("退回用语", load_phrases)
        keeping: Any = {"also": ("home:phrase_new",), "whole": False}
        register_nav(NavItem("退回用语", "quote", "home:phrases", DO_BUREAU_WORK.roles, "查阅", 82, **keeping))
        register_demo(Demo("消息", "luojiang_ce.notices.demo.read_what_is_old", order=90))
        register_nav(NavItem("今日", "calendar-check", "home:start", group="办理", order=0, tab=True, whole=False))
        calendar = NavItem(
            "工作日历",
            "calendar-days",
            "home:calendar",
            group="查阅",
            order=79,
            also=("home:calendar_year",),
            whole=False,
        )
        register_nav(calendar)
        register_nav(NavItem("期限总表", "alarm-clock", "deadlines:board", READ_CASES.roles, group="查阅", order=78))
        register_nav(
            NavItem("消息发送", "send", "notices:outbox", (Role.SYSTEM_ADMIN,), group="查阅", order=91, whole=False)
        )
        register_nav(NavItem("后台运行", "activity", "jobs:runs", READ_TASK_RUNS.roles, group="查阅", order=90))
        # The building blocks below cannot reach up to the navigation.
        register_nav(NavItem("文书", "file-text", "papers:list", group="查阅", order=80))
        register_nav(NavItem("用印登记", "stamp", "papers:register", READ_SEAL_REGISTER.roles, group="查阅", order=81))
