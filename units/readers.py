"""Which roles have business with which pages of this app."""

from luojiang_ce.access.roles import Role

BUREAU = (Role.BUREAU_HANDLER, Role.BUREAU_APPROVER)
# Whose work needs people's records. System and security officers are not among them (domain.md §6).
PEOPLE_READERS = (
    Role.UNIT_CLERK,
    Role.HEALTH_REVIEWER,
    Role.EDUCATION_REVIEWER,
    *BUREAU,
    Role.SEAL_KEEPER,
    Role.AUDIT_ADMIN,
)
PEOPLE_WRITERS = (Role.UNIT_CLERK, *BUREAU)
# Long absences, extensions, lapses: the unit, the bureau, the auditor.
CASE_READERS = (Role.UNIT_CLERK, *BUREAU, Role.AUDIT_ADMIN)
