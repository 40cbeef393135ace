"""Workbooks in: a timetable (附件3), a roster of trainees. Read, previewed, confirmed; nothing is written before."""
