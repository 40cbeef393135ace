"""A database that was flushed has its reference data again: no receiver of post_migrate needs more than flush gives."""

import pytest
from django.core.management import call_command

from luojiang_ce.workdays.models import DeadlineSetting


@pytest.mark.django_db(transaction=True)
def test_flushing_puts_the_reference_data_back():
    call_command("flush", interactive=False, verbosity=0)
    assert DeadlineSetting.objects.exists()
