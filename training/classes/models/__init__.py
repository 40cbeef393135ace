"""What a class is made of: application, organisers, timetable, lecturers, trainees; the catalogue; the dated rules."""

from .application import ClassApplication, ClassOrganiser
from .catalogue import CatalogueCourse, CourseEntitlement
from .enrolment import Enrolment
from .proof import TeachingProof
from .rules import TimetableRule
from .timetable import Lecturer, TimetableRow
from .waiting import Waiting

__all__ = [
    "CatalogueCourse",
    "ClassApplication",
    "ClassOrganiser",
    "CourseEntitlement",
    "Enrolment",
    "Lecturer",
    "TeachingProof",
    "TimetableRow",
    "TimetableRule",
    "Waiting",
]
