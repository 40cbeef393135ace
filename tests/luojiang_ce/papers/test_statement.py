"""What the QR code of a paper states, and that it is stated once."""

from datetime import timedelta

import pytest
import zxingcpp

from luojiang_ce import clock
from luojiang_ce.papers.codes import plain
from luojiang_ce.papers.content import check_on, dense_qr
from luojiang_ce.papers.issuing import issue_papers, reserve
from luojiang_ce.papers.services import request_paper
from luojiang_ce.proof import keyring
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.proof.statement import in_text, read
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_letter, issued_page

pytestmark = pytest.mark.django_db


def test_a_page_states_what_its_facts_say(district, seal):
    person = person_in(district.unit, "温知故")
    paper = issued_page(district, person)
    message, claims = read(bytes(paper.statement))
    assert (claims.number, claims.name, claims.unit) == (paper.number, "温*故", district.unit.name)
    print(claims)
