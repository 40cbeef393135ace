"""What the roles may read and do: one table, read by views, navigation and scopes.

A page, an entry of the navigation or a scope that is for several roles asks for a capability; a step that belongs to
exactly one role asks for the role. A new reading role is a line of CAPABILITIES.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .roles import Role


@dataclass(frozen=True)
class Capability:
    """Something that several roles may read or do; `meaning` completes “who has it …”."""

    meaning: str

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that have it: for `account.holds(…)`, `account.unit_ids(…)` and the navigation."""
        return roles_with(self)


def roles_with(*capabilities: Capability) -> tuple[Role, ...]:
    """The roles that have all of these."""
    return tuple(role for role, has in CAPABILITIES.items() if has.issuperset(capabilities))


# Whose rows are seen.
READ_DISTRICT = Capability("sees the rows of every unit")
READ_SYSTEM = Capability("sees the rows of the units that the own authority supervises")

# Which pages are read.
READ_UNITS = Capability("reads the register of units")
READ_PEOPLE = Capability("reads what names people: their records, attendance, hours, yearly records")
READ_ABSENCES = Capability("reads long absences, whose evidence may be medical")
READ_CASES = Capability("reads plans, classes, extensions and lapses, and the board of deadlines")
READ_GATHERINGS = Capability("reads the plans gathered for consent and publication")
READ_CATALOGUE = Capability("reads the catalogue of public subjects")
READ_SEAL_REGISTER = Capability("reads the register of seal use, of the seals that it sees")
READ_ALL_SEALS = Capability("sees the seals of every unit")
READ_ACCOUNTS = Capability("reads accounts and who holds which role")
READ_LOG = Capability("reads the log of what was done")
READ_TASK_RUNS = Capability("reads what the scheduled tasks did")
HEAR_OF_SILENCE = Capability("is told on every page that the worker is silent")

# What is done.
KEEP_PEOPLE = Capability("keeps people's records: its own unit's, or everybody's")
REVIEW = Capability("examines what units file: everything, or that of its own system")
REVIEW_SYSTEM = Capability("examines what the units of its own system file")
BOOK = Capability("books the hour in which its own, or its system's, papers are brought to the counter")
DO_BUREAU_WORK = Capability("keeps units, identity papers, calendar and counter hours, and decides at the counter")
ISSUE_PAPERS = Capability("issues papers, and withdraws them")

_CLERK = {READ_UNITS, READ_PEOPLE, READ_ABSENCES, READ_CASES, KEEP_PEOPLE, BOOK}
_REVIEWER = {READ_SYSTEM, READ_UNITS, READ_PEOPLE, REVIEW, REVIEW_SYSTEM, BOOK, ISSUE_PAPERS}
_BUREAU = {
    *(READ_DISTRICT, READ_UNITS, READ_PEOPLE, READ_ABSENCES, READ_CASES, READ_GATHERINGS, READ_CATALOGUE),
    *(READ_SEAL_REGISTER, READ_TASK_RUNS, HEAR_OF_SILENCE, KEEP_PEOPLE, DO_BUREAU_WORK, ISSUE_PAPERS),
}

CAPABILITIES: Mapping[Role, set[Capability]] = {
    Role.UNIT_CLERK: _CLERK,
    Role.HEALTH_REVIEWER: _REVIEWER,
    Role.EDUCATION_REVIEWER: _REVIEWER,
    Role.CONSENT_OFFICER: {READ_GATHERINGS},
    Role.BUREAU_HANDLER: {*_BUREAU, REVIEW},
    Role.BUREAU_APPROVER: _BUREAU,
    # The keeper of the bureau's own seal sees the whole district (units.access.sees_district).
    Role.SEAL_KEEPER: {READ_SYSTEM, READ_UNITS, READ_PEOPLE, READ_SEAL_REGISTER, ISSUE_PAPERS},
    Role.INSPECTOR: set(),
    # System and security officers have no business with people's records (domain.md §6).
    Role.SYSTEM_ADMIN: {READ_UNITS, READ_CATALOGUE, READ_ALL_SEALS, READ_ACCOUNTS, READ_TASK_RUNS, HEAR_OF_SILENCE},
    Role.SECURITY_ADMIN: {READ_UNITS, READ_ACCOUNTS},
    Role.AUDIT_ADMIN: {
        *(READ_DISTRICT, READ_UNITS, READ_PEOPLE, READ_ABSENCES, READ_CASES, READ_SEAL_REGISTER, READ_ALL_SEALS),
        *(READ_ACCOUNTS, READ_LOG, READ_TASK_RUNS),
    },
}
