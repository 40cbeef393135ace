"""What is raised for a file that is not taken."""

from luojiang_ce.refusals import NotPossible


class BadFile(NotPossible):
    """The upload cannot be taken; the message says what it is and what to do."""


class NotScanned(BadFile):
    """It is not taken because nobody can say whether it is clean: it may be sent again."""
