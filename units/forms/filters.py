"""The filters above the lists of units, people, leavers, leaves, accounts and the event log."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.filters import IdFilter, WordsFilter, by_words
from luojiang_ce.typed import EARLIEST, LATEST
from luojiang_ce.workflow.models import Event
from units.access import sees_many_units
from units.audit import act_choices, acts_called, case_type_choices
from units.models import Account, Assignment, Employment, Leave, Person, Title, Unit
from units.search import PeopleWordsFilter, search_people
from units.services import locked_usernames

ACCOUNTS_BY_WORDS = by_words("name", "username")


def words(placeholder: str) -> forms.TextInput:
    """The input of a search, with what it may hold."""
    return forms.TextInput(attrs={"type": "search", "placeholder": placeholder})


class UnitSelect(forms.Select):
    """The names alone, read and written in one go: they are hundreds on every list."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        units: Any = self.choices
        named = [("", units.field.empty_label), *units.queryset.values_list("pk", "name")]
        chosen = {"selected": True}
        rows = [{"value": pk, "label": label, "attrs": chosen if str(pk) in value else {}} for pk, label in named]
        return [(None, rows, 0)]


def unit_choice(**options: Any) -> django_filters.ModelChoiceFilter:
    """A choice of one of the units that the reader sees; `options` are the filter's."""
    return django_filters.ModelChoiceFilter(
        label="单位",
        queryset=lambda request: Unit.objects.visible_to(request.user),
        empty_label="全部单位",
        widget=UnitSelect,
        **options,
    )


class UnitChoiceMixin:
    """Drops the choice of a unit for who sees only one."""

    filters: dict[str, Any]
    request: HttpRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_many_units(self.request.user):  # type: ignore[arg-type]
            del self.filters["unit"]


class PeopleFilter(UnitChoiceMixin, django_filters.FilterSet):
    """People by words, unit, category, level, and whether they are at work."""

    q = django_filters.CharFilter(
        label="查找", method="by_words", widget=words("姓名、拼音、首字母、证件后四位、证书编号")
    )
    unit = unit_choice(method="by_unit")
    category = django_filters.ChoiceFilter(label="类别", choices=Person.Category.choices, empty_label="全部类别")
    level = django_filters.ChoiceFilter(
        label="级别", choices=Title.Level.choices, method="by_level", empty_label="全部级别"
    )
    presence = django_filters.ChoiceFilter(
        label="在岗",
        choices=[("away", "长期离岗中"), ("none", "目前无任职单位")],
        method="by_presence",
        empty_label="在岗与离岗",
    )

    def by_words(self, rows: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return search_people(rows, value, with_units="unit" in self.filters)

    def by_unit(self, rows: QuerySet[Person], name: str, value: Unit) -> QuerySet[Person]:
        return rows.filter(pk__in=Employment.objects.filter(unit=value, ended_on=None).values("person"))

    def by_level(self, rows: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return rows.filter(pk__in=Title.objects.filter(is_current=True, level=value).values("person"))

    def by_presence(self, rows: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        if value == "away":
            return rows.filter(pk__in=Leave.objects.approved(clock.today()).values("person"))
        return rows.exclude(pk__in=Employment.objects.filter(ended_on=None).values("person"))


class LeaversFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Ended employments by words, unit, reason, year."""

    q = PeopleWordsFilter(label="查找", widget=words("姓名、拼音、首字母、证件后四位"))
    unit = unit_choice()
    end_reason = django_filters.ChoiceFilter(label="原因", choices=Employment.End.choices, empty_label="全部原因")


class LeaveFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Long absences by words, unit, reason, state."""

    q = PeopleWordsFilter(label="查找", widget=words("姓名、拼音、首字母"))
    unit = unit_choice()
    reason = django_filters.ChoiceFilter(label="原因", choices=Leave.Reason.choices, empty_label="全部原因")
    state = django_filters.ChoiceFilter(label="状态", choices=Leave.State.choices, empty_label="全部状态")


class UnitFilter(django_filters.FilterSet):
    """Units by name or code, nature, function, state."""

    q = WordsFilter("name", "short_name", "code", "uscc", label="查找", widget=words("名称、简称、单位代码、信用代码"))
    nature = django_filters.ChoiceFilter(label="性质", choices=Unit.Nature.choices, empty_label="全部性质")
    function = django_filters.ChoiceFilter(
        label="职能",
        choices=[("is_base", "继续教育基地"), ("is_authority", "业务主管部门"), ("is_provider", "施教机构")],
        method="by_function",
        empty_label="全部职能",
    )
    status = django_filters.ChoiceFilter(label="状态", choices=Unit.Status.choices, empty_label="全部状态")
    clerk = django_filters.ChoiceFilter(
        label="专办员", choices=[("none", "还没有专办员")], method="by_clerk", empty_label="有无专办员"
    )

    def by_clerk(self, rows: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        clerks = Assignment.objects.current().filter(role=Role.UNIT_CLERK, account__is_active=True)
        return rows.filter(status=Unit.Status.ACTIVE, is_bureau=False).exclude(pk__in=clerks.values("unit"))

    def by_function(self, rows: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        return rows.filter(**{value: True})


class AccountFilter(django_filters.FilterSet):
    """Accounts by name, role, unit, state."""

    q = WordsFilter("name", "username", "phone", label="查找", widget=words("姓名、登录名、电话"))
    role = django_filters.ChoiceFilter(label="角色", choices=Role.choices, method="by_role", empty_label="全部角色")
    unit = unit_choice(method="by_unit")
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[("locked", "已锁定"), ("disabled", "已停用"), ("new", "未改初始密码"), ("roleless", "没有角色")],
        method="by_state",
        empty_label="全部状态",
    )

    def by_role(self, rows: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        return rows.filter(pk__in=Account.objects.holding(Role(value)).values("pk"))

    def by_unit(self, rows: QuerySet[Account], name: str, value: Unit) -> QuerySet[Account]:
        return rows.filter(pk__in=Account.objects.holding(*Role, unit=value).values("pk"))

    def by_state(self, rows: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        if value == "locked":
            return rows.filter(username__in=locked_usernames())
        if value == "roleless":
            return rows.exclude(pk__in=Account.objects.holding(*Role).values("pk"))
        return rows.filter(is_active=False) if value == "disabled" else rows.filter(must_change_password=True)


class AddressFilter(django_filters.CharFilter):
    """A whole network address."""

    field_class = forms.GenericIPAddressField

    def __init__(self, *args: Any, **options: Any) -> None:
        wrong = {"invalid": "请填写完整的网络地址，如 203.0.113.7"}
        super().__init__(*args, **{"error_messages": wrong, **options})


class SpanForm(forms.Form):
    """Filters of days, of which the last is not before the first."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", "早于“自”的日期，请核对")
        return data


class EventFilter(django_filters.FilterSet):
    """The event log by account, whom it concerns, act, address, kind of case, number of the case, days.

    People and accounts are looked up first, so that the log is asked by keys that have an index.
    """

    actor = django_filters.CharFilter(label="谁做的", method="by_actor", widget=words("姓名或登录名"))
    whom = django_filters.CharFilter(label="涉及谁", method="by_whom", widget=words("姓名、登录名、证件后四位"))
    act = django_filters.ChoiceFilter(label="操作", choices=act_choices, method="by_act", empty_label="全部操作")
    address = AddressFilter(label="网络地址", widget=words("网络地址"))
    case_type = django_filters.ChoiceFilter(label="对象", choices=case_type_choices, empty_label="全部对象")
    case_id = IdFilter(label="编号", widget=forms.NumberInput(attrs={"placeholder": "编号"}))
    since = django_filters.DateFilter(label="自", method="by_since", widget=forms.DateInput(attrs={"type": "date"}))
    until = django_filters.DateFilter(label="至", method="by_until", widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        form = SpanForm

    def by_actor(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        return rows.filter(actor_id__in=_accounts_called(value))

    def by_whom(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        seen = Person.objects.visible_to(self.request.user)
        people, events = search_people(seen, value).order_by().values("pk"), Event.objects.order_by().values("pk")
        concerned = events.filter(concerns__in=people)
        # Each by its own index; an OR over three searches reads the whole log.
        of_people = events.filter(case_type=Person._meta.label_lower, case_id__in=people)
        of_accounts = events.filter(case_type=Account._meta.label_lower, case_id__in=_accounts_called(value))
        return rows.filter(pk__in=concerned.union(of_people, of_accounts))

    def by_act(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        return rows.filter(acts_called(value))

    def by_since(self, rows: QuerySet[Event], name: str, value: date) -> QuerySet[Event]:
        return rows.filter(at__gte=_midnight(value))

    def by_until(self, rows: QuerySet[Event], name: str, value: date) -> QuerySet[Event]:
        return rows.filter(at__lt=_midnight(min(value, LATEST) + timedelta(days=1)))


def _accounts_called(text: str) -> QuerySet[Any, Any]:
    return ACCOUNTS_BY_WORDS(Account.objects.order_by(), text).values("pk")


def _midnight(day: date) -> datetime:
    near = min(max(day, EARLIEST), LATEST)
    return datetime(near.year, near.month, near.day, tzinfo=clock.SHANGHAI)
