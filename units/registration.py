"""What units put into the registries of the building blocks; called once, by the app's `ready()`."""

from __future__ import annotations

from luojiang_ce.access import READ_ACCOUNTS, READ_LOG, READ_PEOPLE, READ_SEAL_REGISTER, READ_UNITS, Role
from luojiang_ce.deadlines.board import register_names
from luojiang_ce.filters import by_words
from luojiang_ce.health.probes import Probe, register_probe
from luojiang_ce.home import registry
from luojiang_ce.home.registry import Demo, NavItem, Search, Section, StartLink
from luojiang_ce.jobs.services import register_job
from luojiang_ce.sealing.rotation import SealedRows, register_sealed
from luojiang_ce.sheets.imports import register_import
from luojiang_ce.workflow.audited import register_comparison
from luojiang_ce.workflow.case_kind import CaseKind, Duty, register_kinds
from luojiang_ce.workflow.engine import not_ones_own, register_guard
from luojiang_ce.workflow.readings import register_readings
from luojiang_ce.workflow.undo import register_undo
from units import audit, audited, demo, exports, heads_out, signers
from units.access import APPROVER, SEAL_KEEPER, SECURITY_OFFICER, not_suspended
from units.guessing import MISSED
from units.handing.services import handler_does_not_approve
from units.identity.id_numbers import SEALED
from units.identity.namesakes import Bearer
from units.leave_case import KIND as LEAVE_KIND
from units.models import Account, Employment, Leave, Person, ReleaseRequest, Unit
from units.officer_case import KIND as OFFICER_KIND
from units.officers import accounts_to_set_right
from units.release_case import KIND as RELEASE_KIND
from units.roster.importer import ROSTER_IMPORT
from units.seal_duties import papers_to_stamp, seals_to_approve
from units.seals import load_bureau_seals
from units.search import search_people
from units.services.anonymising import DONE, register_texts
from units.services.people import REVEALED
from units.services.records import restore_record
from units.services.releases import IN_VAIN

UNITS = NavItem("单位", "building-2", "units:list", READ_UNITS.roles, group=Section.LOOKUP, order=62, tab=True)
PEOPLE = NavItem(
    "人员", "users-round", "people:list", READ_PEOPLE.roles, group=Section.LOOKUP, order=60, tab=True, also=("roster",)
)
ACCOUNTS = NavItem(
    "账号与角色", "key-round", "accounts:list", READ_ACCOUNTS.roles, group=Section.ADMIN, order=80, tab=True
)
SEALS = NavItem("印章与监印人", "stamp", "seals:list", READ_SEAL_REGISTER.roles, group=Section.LOOKUP, order=80)
AUDIT = NavItem("操作记录", "scroll-text", "audit:events", READ_LOG.roles, group=Section.ADMIN, order=82, tab=True)

UNITS_BY_WORDS = by_words("name", "short_name", "code", "uscc")


def units_called(words: str) -> frozenset[int]:
    """The units that these words name, by whichever of their names."""
    return frozenset(UNITS_BY_WORDS(Unit.objects.order_by(), words).values_list("pk", flat=True))


LABELS = {
    "registered": "登记",
    "suspended": "暂停单位",
    "resumed": "恢复单位",
    "merged": "并入其他单位",
    "merged_in": "并入了另一单位",
    "scope_added": "登记培训资质",
    "scope_ended": "终止培训资质",
    "taken_on": "到单位任职",
    "left": "登记离开",
    "leaving_undone": "撤销登记离开",
    "transferred": "办理调动",
    "renamed": "更改姓名",
    "document_corrected": "更正证件",
    REVEALED: "显示完整证件号码",
    MISSED: "证件号码核对不上",
    DONE: "匿名化",
    "title_saved": "登记职称",
    "certificate_saved": "登记证书",
    "certificate_exchanged": "换证，原证书到期",
    "certificate_pattern": "设定证书编号规则",
    "period_saved": "登记周期",
    "record_removed": "删除登记",
    "record_restored": "恢复登记",
    "account_created": "建立账号",
    "account_disabled": "停用账号",
    "account_enabled": "启用账号",
    "account_unlocked": "解除锁定",
    "password_reset": "重设密码",
    "password_rehashed": "密码改用新的加密方式",
    "roles_held": "登记已有的角色和密码",
    "account_identified": "登记账号是谁的",
    "identity_linked": "绑定统一身份",
    "identity_unlinked": "解除统一身份绑定",
    "role_assigned": "任命角色",
    "role_ended": "结束角色",
    "role_handed_over": "交接角色",
    "exported": "导出名单",
    "log_checked": "核对操作记录",
    "keys_rotated": "改用现用的密钥加密",
    "roster_imported": "导入花名册",
    "returned_rows_downloaded": "下载有误的行",
}


def place_and_end(person: Person) -> str:
    """临江小学　语文组　尾号 21: where somebody works, and as much of the number as may always be shown."""
    job = person.job
    where = (job.unit.short, job.department) if job else ("无任职单位",)
    return "　".join(filter(None, (*where, Bearer(person.name, "", person.masked_id).end)))


KINDS = (
    CaseKind(
        Unit,
        entries=(UNITS,),
        events=LABELS,
        finds=UNITS_BY_WORDS,
        demo=Demo("单位与人员", "units.demo.build", order=10),
    ),
    CaseKind(
        Person,
        entries=(PEOPLE,),
        finds=search_people,
        apart=place_and_end,
        rows=lambda people: people.with_present(),
    ),
    CaseKind(
        Account,
        duties=(
            Duty(SECURITY_OFFICER, accounts_to_set_right, clocked=False),
            Duty(SEAL_KEEPER, papers_to_stamp, clocked=False),
            Duty(APPROVER, seals_to_approve, clocked=False),
        ),
        entries=(ACCOUNTS, SEALS, AUDIT),
    ),
    LEAVE_KIND,
    RELEASE_KIND,
    OFFICER_KIND,
)
GUARDS = (not_suspended, handler_does_not_approve, not_ones_own)  # before every table


def register() -> None:
    """Kinds of cases, their words; the check of the log; what stands on the shell."""
    register_kinds(*KINDS)
    register_texts(Leave, "detail")
    register_texts(ReleaseRequest, "name", "department")
    register_texts(Employment, emptied=("department",))
    register_readings(REVEALED, MISSED, IN_VAIN, "exported", "returned_rows_downloaded")
    for guard in GUARDS:
        register_guard(guard)
    register_undo("person_record", restore_record)
    register_import(ROSTER_IMPORT)
    registry.register_reference("印章", load_bureau_seals, order=60)
    registry.register_demo(Demo("印章", "units.demo.build_seals", order=15))
    for account in demo.demo_accounts():
        registry.register_demo_account(account)
    exports.register()
    register_probe(Probe("signing", "签名证书", signers.what_ends))
    register_probe(Probe("heads", "操作记录的链头", heads_out.what_stays_in, left_out=heads_out.is_left_out))
    register_job(audit.CHECK, audit.check_chain)
    register_comparison(audited.PASSWORDS)
    register_comparison(audited.ROLES)
    register_sealed(SealedRows("证件号码", Person, lambda each: SEALED.named(each.id_sealed), Person.renewed_id))
    registry.register_search(Search("home:search", "姓名、拼音、证件后四位、单位、培训班、编号", READ_PEOPLE.roles))
    registry.register_search(Search("home:search", "单位、培训班、文书、编号", ()))
    register_names(units_called)
    registry.register_start_link(
        StartLink("建立账号", "user-round-plus", "accounts:new", (Role.SYSTEM_ADMIN,), primary=True)
    )
