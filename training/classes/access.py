"""Who may change what of a class, and when."""

from __future__ import annotations

from luojiang_ce.access.roles import Actor, Role

from .models import ClassApplication, Lecturer


def files_may_change(application: ClassApplication, account: Actor) -> bool:
    """The filing unit's clerks, while the application is in their hands."""
    return application.is_editable and is_filer(application, account)


def resume_may_change(lecturer: Lecturer, account: Actor) -> bool:
    """The provider's clerks, always: a résumé is kept up to date and reused (C4)."""
    return lecturer.unit_id in account.unit_ids(Role.UNIT_CLERK)


def is_filer(application: ClassApplication, account: Actor) -> bool:
    """Is the account a clerk of the unit that files this application?"""
    return application.unit_id in account.unit_ids(Role.UNIT_CLERK)
