"""Accounts, and the roles assigned to them."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from luojiang_ce import clock
from luojiang_ce.access import READ_ACCOUNTS, Actor, Role, VisibleQuerySet, is_same_person
from luojiang_ce.sheets.characters import name_key, seen
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import digest, record
from units.access import without_a_clerk

from .unit import Unit


class AccountQuerySet(VisibleQuerySet["Account"]):
    def visible_to(self, account: Actor) -> AccountQuerySet:
        """Officers see every account; everybody else only the own one."""
        return self.all() if account.holds(*READ_ACCOUNTS.roles) else self.filter(pk=account.pk or 0)

    def with_roles(self) -> AccountQuerySet:
        """With the present roles at hand: one query for any number of accounts."""
        present = Assignment.objects.current().with_units()
        # The name is that of the model's own cached property, which is thereby filled.
        return self.prefetch_related(Prefetch("assignments", present, "current_assignments"))  # type: ignore[no-redef]

    def holding(self, *roles: Role, unit: Unit | None = None, on: date | None = None) -> AccountQuerySet:
        """Active accounts that hold one of these roles (for this unit) on a day, today by default."""
        rows = Assignment.objects.current(on).filter(role__in=roles)
        if unit is not None:
            rows = rows.filter(unit=unit)
        return self.filter(is_active=True, pk__in=rows.values("account"))

    def of_person(self, account: Account) -> list[Account]:
        """These accounts' other ones of the person behind this account: of one name, or of one ID number."""
        return [each for each in self.exclude(pk=account.pk) if is_same_person(each, account)]


class AccountManager(BaseUserManager.from_queryset(AccountQuerySet)):  # type: ignore[misc]
    def create_account(self, username: str, name: str, password: str | None = None, **extra: Any) -> Account:
        """A new account; whoever gets it must change the password at first login."""
        account = self.model(username=username.strip().lower(), name=name, **extra)
        account.set_password(password)
        account.password_given_at = clock.now()
        account.save()
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """Whoever signs in. What an account may do is what its assignments say today."""

    username = models.CharField("登录名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("电话", max_length=40, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=True)
    # When somebody else has given the password, which then is good for some days; None for one's own.
    password_given_at = models.DateTimeField(null=True, editable=False)
    # Whose it is, where the ID number is known: its look-up hash alone (units/identity/id_numbers.py).
    id_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    # A session from before the last time the account was shut out does not live on when it is let in again.
    shut_out_at = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = AccountManager()

    class Meta:
        verbose_name = "账号"
        ordering = ("username",)
        constraints = [
            # Nobody has two accounts in use, however many requests make them at once.
            models.UniqueConstraint(
                fields=["id_hash"], condition=Q(is_active=True) & ~Q(id_hash=""), name="account_of_one_person"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def person_key(self) -> str:
        """Who is behind the account. Of that an account knows the name alone, so one name is one person, however it is
        written; of two people of one name the second has a note in it (林远帆（二）), by the system officer's act."""
        return name_key(unicodedata.normalize("NFKC", "".join(seen(self.name).split())))

    @property
    def person_keys(self) -> frozenset[str]:
        """The name, and the ID number where it is known: a second account may bear another spelling of the name."""
        number = {f"id {self.id_hash}"} if self.id_hash else set()
        return frozenset({f"name {self.person_key}"} | number)

    def get_absolute_url(self) -> str:
        return reverse("accounts:account", args=[self.pk])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is tied to: the password, and when the account was last shut out."""
        tied = str(super()._get_session_auth_hash(secret=secret))  # type: ignore[misc]  # the stubs lack it
        if self.shut_out_at is None:
            return tied
        tied += self.shut_out_at.isoformat()
        return salted_hmac("units.account.session", tied, secret=secret, algorithm="sha256").hexdigest()

    def check_password(self, raw_password: str | None) -> bool:
        """Is it this account's? A hash of an older make is made anew then, on record and with its record at once: what
        changes a password without an event is found (units/audited.py)."""

        def hash_anew(raw_password: str) -> None:
            before = self.password
            self.set_password(raw_password)
            self._password = None  # it has not changed
            data = {"password": digest(self.password), "replaced": digest(before)}
            with transaction.atomic():
                self.save(update_fields=["password"])
                record(self, "password_rehashed", actor=SYSTEM, data=data)

        return check_password(raw_password, self.password, hash_anew)

    @cached_property
    def current_assignments(self) -> list[Assignment]:
        """The roles held today, with their units; one query per request."""
        return list(self.assignments.current().with_units())

    def holds(self, *roles: Role) -> bool:
        return any(a.role in roles for a in self.current_assignments)

    def unit_ids(self, *roles: Role, of_bureau: bool = False) -> frozenset[int]:
        held = (a for a in self.current_assignments if a.role in roles)
        return frozenset(a.unit_id for a in held if a.unit.is_bureau or not of_bureau)

    @cached_property
    def files_for_others(self) -> bool:
        held = (a for a in self.current_assignments if a.role == Role.UNIT_CLERK)
        return any(a.has_units_left for a in held)  # type: ignore[attr-defined]  # of with_units

    @property
    def role_labels(self) -> str:
        """The roles as shown beside the name."""
        return "、".join(dict.fromkeys(a.get_role_display() for a in self.current_assignments))

    @property
    def unit(self) -> Unit | None:
        """The unit shown beside the name; for which unit a clerk files, `units.access` says."""
        return self.current_assignments[0].unit if self.current_assignments else None


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self, on: date | None = None) -> AssignmentQuerySet:
        """Assignments in force on a day, today by default."""
        day = on or clock.today()
        stopped = Q(stopped_at=None) | Q(stopped_at__gte=clock.midnight_after(day))
        return self.filter(stopped, Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def running(self) -> AssignmentQuerySet:
        """Those in force, and those that will be."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today()), stopped_at=None)

    def with_units(self) -> AssignmentQuerySet:
        """With their units; `has_units_left`: is a unit without a clerk left to that one?"""
        left = Unit.objects.filter(without_a_clerk(), supervisor=OuterRef("unit"))
        return self.select_related("unit").annotate(has_units_left=Exists(left))


class Assignment(models.Model):
    """A role of an account for a unit, from a day to a day. Handing over ends one and begins another."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="assignments")
    role = models.CharField("角色", max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    # Ended at once, on its last day; it was held until then.
    stopped_at = models.DateTimeField("立即停止", null=True, editable=False)
    assigned_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "角色任命"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="assignment_role"),
            models.UniqueConstraint(
                fields=["account", "role", "unit"], condition=Q(valid_to=None), name="assignment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.get_role_display()}"
