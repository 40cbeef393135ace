"""The event log for the audit officer: words for events, and the check of the chain as long work."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Q
from pypinyin import lazy_pinyin

from luojiang_ce import clock
from luojiang_ce.access import Role, case_models
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import Progress
from luojiang_ce.sheets.exports import export_title
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow import audited, case_kind
from luojiang_ce.workflow.changes import AUTOSAVED, summed_up
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from units.models import Account, Certificate

CHECK, CHECKED = "check_audit", "log_checked"
PROBLEMS_SHOWN = 3
OF_NO_KIND, OF_MANY = "登录、查阅、修改等", "各种业务"


@cache
def _labels() -> dict[tuple[str, str], str]:
    """What each transition is called afterwards, by case type and name; complete once all apps are ready."""
    return {(kind.key, t.name): t.done for kind, table in case_kind.kinds_with_a_table() for t in table.transitions}


def event_label(case_type: str, name: str) -> str:
    """An event in words: 提交, 退回补正, 显示完整证件号码."""
    return _labels().get((case_type, name)) or case_kind.event_label(name)


@cache
def act_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything that the log may say was done, in words: one choice for all that are called alike, under the one kind
    of cases that calls it so; by their sound."""
    of: dict[str, set[str]] = defaultdict(set)
    for (kind, _), label in _labels().items():
        of[label].add(case_label(kind))
    for label in case_kind.event_labels().values():
        of[label] = {OF_NO_KIND}
    groups: dict[str, list[str]] = defaultdict(list)
    for label, kinds in of.items():
        groups[OF_MANY if len(kinds) > 1 else next(iter(kinds))].append(label)
    named = sorted(groups, key=lambda group: (group != OF_NO_KIND, group != OF_MANY, lazy_pinyin(group)))
    return [(group, [(each, each) for each in sorted(groups[group], key=lazy_pinyin)]) for group in named]


def acts_called(words: str) -> Q:
    """The events that are called so, of whichever kind."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for (kind, name), label in _labels().items():
        if label == words:
            by_kind[name].append(kind)
    called = Q(name__in=[name for name, label in case_kind.event_labels().items() if label == words])
    for name, kinds in by_kind.items():
        called |= Q(name=name, case_type__in=kinds)
    return called


def case_label(case_type: str) -> str:
    """A case type in words, what is no case by its model; the key of what is not there any more."""
    try:
        return str(apps.get_model(case_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return case_type


@cache
def _states(case_type: str) -> dict[str, str]:
    """The states of a case type in words; empty for one that has none."""
    models = {kind.key: kind.model for kind, _ in case_kind.kinds_with_a_table()}
    return dict(models[case_type]._meta.get_field("state").flatchoices) if case_type in models else {}


def state_label(case_type: str, state: str) -> str:
    """A state in words: 草稿, 待审核; its key where the case type does not know it any more."""
    return str(_states(case_type).get(state, state))


def move_label(event: Event) -> str:
    """What an event changed, in words: 草稿 → 待审核; empty where the state stayed."""
    if event.source == event.target:
        return ""
    before, after = (state_label(event.case_type, state) for state in (event.source, event.target))
    return f"{before or '—'} → {after}"


def note(event: Event) -> str:
    """The words that were kept with an event; those of an autosave as one line, like those of any edit."""
    text = event.note_row.text if hasattr(event, "note_row") else ""
    return summed_up([text]) if AUTOSAVED in event.data else text


# What events hold besides their note, as the log calls it. Of a row it is the number alone, never a name.
CONTENTS = {
    "act": "事项",
    "added": "增加",
    "amount": "数量",
    "amounts": "核定",
    "applied_at": "加盖时间",
    "appointment": "预约",
    "as_of": "所见的核算",
    "assignment": "任命",
    "at_once": "立即停止",
    "attachment": "材料",
    "autosaved": "自动保存",
    "batch": "批次",
    "batches": "批次",
    "before": "原经办人",
    "body": "会签单位",
    "by_hand": "留空手写的字",
    "capacity": "可约数",
    "change": "变更",
    "changed": "变动数",
    "channel": "来源",
    "class": "培训班",
    "checked": "已在对方核验页核对",
    "checked_on": "在对方核验页核对的日期",
    "closed": "停用",
    "codes_left": "剩余恢复码",
    "copies": "份数",
    "correction": "学时更正",
    "count": "数量",
    "counted": "计入的学时记录",
    "decided_on": "决定日期",
    "decision": "决定文号或会议纪要",
    "deleted_item": "删除的行",
    "digest": "名单的摘要",
    "document": "文件",
    "document_number": "发文字号",
    "due": "期限",
    "employment": "任职",
    "ends_on": "离岗最后一天",
    "enrolment": "学员",
    "exclusion": "不计的半日",
    "findings": "发现的问题",
    "first_day": "第一天",
    "first_seal": "两枚之一的印章",
    "following": "下一个序号",
    "from": "自",
    "gathered": "汇总的项目",
    "handler": "经办人",
    "how": "提供方式",
    "id": "编号",
    "import": "导入",
    "in": "签到",
    "inspection": "监督检查",
    "inspectors": "检查人",
    "into": "并入单位",
    "item": "行",
    "kind": "证书种类",
    "last_day": "最后一天",
    "lecturer": "授课教师",
    "line": "登记编号",
    "lines": "更正的行",
    "link": "班主任链接编号",
    "list": "名单",
    "moved": "期限变动数",
    "new": "新增数",
    "newer": "有新学时的年度记录",
    "issuer": "认证服务",
    "notes": "隐去说明的记录",
    "number": "公开号码",
    "on": "日期",
    "origin": "检查的起因",
    "out": "签退",
    "outcomes": "学员结果",
    "owner": "持有单位",
    "pattern": "编号规则",
    "people": "人数",
    "passkey": "通行密钥",
    "person": "人员",
    "previous": "上次的数量",
    "project": "项目",
    "published_on": "发文日期",
    "receipts": "回执",
    "record": "登记",
    "records": "年度记录",
    "removed": "移出",
    "renewed": "结果有变的年度记录",
    "replaces": "被替代的文号",
    "restored_item": "恢复的行",
    "resealed": "改用新密钥",
    "role": "角色",
    "rows": "行数",
    "ruling": "处理编号",
    "scope": "培训资质",
    "seal": "印章",
    "secret": "要求保密",
    "seed": "种子",
    "second": "确认人",
    "seen": "查验的资料",
    "session": "期次",
    "signer": "签名证书",
    "size": "名单行数",
    "slip": "查阅条",
    "slot": "时段",
    "struck": "划去",
    "title_lines": "公文标题的分行",
    "to": "至",
    "unit": "单位",
    "unopened": "打不开",
    "wanted_on": "要求提供的日期",
    "where": "页面",
    "withdrawn_on": "撤销日期",
    "year": "年度",
}
# What the note, or the case by which it was decided, says in words already, which of these would be codes; and digests
# of texts.
IN_THE_NOTE = frozenset(("field", "fields", "key", "material", "reason", "result", "started_on", "step", "values"))
DIGESTS = frozenset(
    (
        "answers_sha256",
        "items_sha256",
        "key",
        "meetings_sha256",
        "password",
        "replaced",
        "sha256",
        "shown_sha256",
        "subject",
    )
)
# Which file was handed out, by its address (luojiang_ce/home/on_record.py).
FILES = {
    "archive:report": "归档包检测报告",
    "attendance:all_sheets_pdf": "签到表",
    "attendance:platform_template": "远程学习记录模板（含学员）",
    "attendance:sheet_pdf": "签到表",
    "attendance:template": "签到时间模板（含学员）",
    "batches:cover": "柜台交接单",
    "batches:day_sheet": "当日预约表",
    "batches:pdf": "附件4",
    "batches:taken_away": "材料和文书压缩包",
    "booklets:print": "证书登记页",
    "changes:form_pdf": "培训班变更申请表",
    "classes:form2_pdf": "附件2",
    "classes:form2_sheet": "附件2",
    "classes:form3_pdf": "附件3",
    "classes:form3_sheet": "附件3",
    "cycles:proof": "学习证明",
    "draws:record_pdf": "抽查记录",
    "draws:text": "抽查名单",
    "files:download": "材料",
    "inspections:record_pdf": "检查记录",
    "own_record:printed": "本人查阅条",
    "papers:download": "文书",
    "papers:printed": "后台生成的打印件",
    "papers:together_file": "合并打印的文书",
    "photographs:picture": "签到表照片",
    "plans:pdf": "附件1",
    "plans:sheet": "附件1",
    "recognition:roster_pdf": "参加培训人员花名册",
    "seals:picture": "印章图样",
    "seals:register_paper": "用印登记簿",
    "sheets:export": "后台生成的名单",
}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_VALUES = {
    **dict(Role.choices),
    **dict(Certificate.Kind.choices),
    **FILES,
    "brought": "送原件核对",
    "certificate": "证书",
    "classes:roster_preview": "学员名册导入",
    "deadlines": "期限总表",
    "people:new": "登记人员",
    "roster:batch": "人员名册导入",
    "studyperiod": "周期",
    "title": "职称",
    "uploaded": "上传扫描件",
}


def with_seconds(events: Iterable[Event]) -> list[Event]:
    """The same events, of those to which a second officer agreed with that one's name, as beside every act stands the
    name of who did it. One query."""
    listed = list(events)
    seconds = {event.data["second"] for event in listed if "second" in event.data}
    named = dict(Account.objects.filter(pk__in=seconds).values_list("pk", "name"))
    for event in listed:
        event.second = named.get(event.data.get("second"))  # type: ignore[attr-defined]
    return listed


def contents(event: Event) -> str:
    """What an event holds, in words: 角色：单位专办员；单位：5, but for IN_THE_NOTE and DIGESTS."""
    second = getattr(event, "second", None)
    held = event.data | ({"second": second} if second else {})
    return "；".join(f"{CONTENTS[key]}：{_said(key, value)}" for key, value in held.items() if key in CONTENTS)


def _day_in_words(text: str) -> str:
    try:
        return full(date.fromisoformat(text))
    except ValueError:  # somebody typed what looks like a day
        return text


def _said(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if key in ("counted", "seen"):  # which, the case or the note says
        return f"{len(value)} 项"
    if isinstance(value, list):
        return "、".join(_said(key, each) for each in value)
    if isinstance(value, dict):
        return "、".join(_said(key, each) for each in value.values())
    if key == "list":
        return export_title(value) or _VALUES.get(value, str(value))
    if isinstance(value, str) and _ISO.fullmatch(value):
        return _day_in_words(value)
    return "空" if value is None else str(_VALUES.get(value, value))


def case_type_choices() -> list[tuple[str, str]]:
    """Every registered case type, by name."""
    return sorted(((key, case_label(key)) for key in case_models()), key=lambda choice: choice[1])


def check_chain(job: Job, progress: Progress) -> tuple[str, str]:
    """Hold the log against its chain and what stands against the log; what was found in a sentence."""
    audit = audited.check(progress)
    # The job goes after some months; what was found stays.
    officer: Any = job.owner
    record(officer, CHECKED, actor=officer, data={"count": audit.sealed, "findings": len(audit.problems)})
    waits = ""
    if audit.oldest_unsealed:
        minutes = int((clock.now() - audit.oldest_unsealed).total_seconds() // 60)
        waits = f"，{audit.unsealed} 条待封存（最早的已等 {minutes} 分钟）"
    # A message has an end: how often clocks were wrong stands before what may be long, and when it was last behind.
    clocks = f"，系统时间倒退 {len(audit.backwards)} 段" if audit.backwards else ""
    latest = f"。系统时间最近一段：{audit.backwards[-1]}" if audit.backwards else ""
    found = "没有发现改动、插入、删除或调换"
    if audit.problems:
        found = f"发现 {len(audit.problems)} 处问题：{'；'.join(audit.problems[:PROBLEMS_SHOWN])}"
    return f"已封存 {audit.sealed} 条{waits}{clocks}。{found}{latest}", ""
