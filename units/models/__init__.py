"""Who: units, persons, their employment, and the accounts that act for units."""

from .account import Account, Assignment
from .certificate_pattern import CertificatePattern
from .leave import Leave
from .officer_request import OfficerRequest
from .person import Certificate, Employment, Person, StudyPeriod, Title
from .release import ReleaseRequest
from .unit import ProviderRemark, ProviderScope, Unit

__all__ = [
    "Account",
    "Assignment",
    "Certificate",
    "CertificatePattern",
    "Employment",
    "Leave",
    "OfficerRequest",
    "Person",
    "ProviderRemark",
    "ProviderScope",
    "ReleaseRequest",
    "StudyPeriod",
    "Title",
    "Unit",
]
