"""Races for what is given or said once: codes, one-time passwords, votes of second officers, draws, sent forms."""

from __future__ import annotations

from functools import partial
from itertools import count

from django.contrib.auth.hashers import check_password
from django.urls import reverse

from luojiang_ce.authentication.brakes import Brake
from luojiang_ce.refusals import NotPossible
from luojiang_ce.second_factor import services as second_factor
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.drills.races import Race, Round, fired, refused
from tests.factories import AccountFactory, account_with, person_in
from tests.luojiang_ce.authentication.test_second_factor import code_of, set_up
from tests.luojiang_ce.home.test_sent_once import ROW, as_shown, signed_in
from tests.training.inspections.draws.factories import draw_in
from tests.training.plans.factories import a_plan
from tests.units.circulars.cases import circular_of
from tests.units.test_officer_requests import reset_of, role_for
from tests.verification.own_record.cases import an_objection
from tests.verification.own_record.slips import slip_of, token_of
from training.inspections.draws.models import Draw
from training.inspections.draws.repeating import differences
from training.plans.models import PlanItem
from units.models import Assignment, OfficerRequest
from units.officer_case import fetch_password
from units.services.officer_requests import Act, do_or_ask
from verification.own_record import guessing
from verification.own_record.guessing import Claim, open_slip
from verification.own_record.models import Slip

_serial = count(1)
BRAKE = Brake("race", 10, lambda: 1000)


def a_code_of_the_own_phone(district: District) -> Round:
    account = AccountFactory()
    set_up(account)
    code = code_of(account)
    assert sorted((yield [partial(second_factor.check, account, code)] * 4)) == [False] * 3 + [True]


def a_recovery_code(district: District) -> Round:
    account = AccountFactory()
    codes = set_up(account)
    assert sorted((yield [partial(second_factor.check, account, codes[0])] * 4)) == [False] * 3 + [True]
    assert second_factor.codes_left(account) == len(codes) - 1


def a_one_time_password(district: District) -> Round:
    """Fetched once; the one that was told is the one that opens."""
    account = account_with("audit_admin", district.bureau)
    case = reset_of(district, account)
    fired(case, "confirm", district.audit_admin)()
    fresh = [OfficerRequest.objects.get(pk=case.pk) for _ in range(4)]
    told = yield [partial(fetch_password, each, actor=district.security_admin) for each in fresh]
    assert refused(told) == 3, told
    (opened,) = (each for each in told if not isinstance(each, NotPossible))
    assert check_password(opened.password, district.fresh(account).password)
    assert history(account).filter(name="password_reset").count() == 1


def votes_of_second_officers(district: District) -> Round:
    """Two agree, one refuses, who asked withdraws: one of it counts."""
    case = do_or_ask(Act.ASSIGN, **role_for(district, AccountFactory()))
    said = yield [
        fired(case, "confirm", district.system_admin),
        fired(case, "confirm", district.audit_admin),
        fired(case, "refuse", district.audit_admin, note="没有这回事"),
        fired(case, "withdraw", district.security_admin, note="没有这回事"),
    ]
    assert refused(said) == 3, said
    case.refresh_from_db()
    given = Assignment.objects.filter(account=case.account).count()
    assert given == (case.state in (OfficerRequest.State.CONFIRMED, OfficerRequest.State.DONE))


def guesses_at_a_slip(district: District) -> Round:
    """Each is counted until the whole number is asked for."""
    told = slip_of(person_in(district.unit), district.owner)
    claims = [Claim(token_of(told), told.code, f"{n:06d}", f"198.51.100.{n}") for n in range(8)]
    said = yield [partial(open_slip, claim) for claim in claims]
    assert refused(said) == 8
    assert Slip.objects.get(pk=told.slip.pk).misses == guessing.OF_A_SLIP


def failures_that_a_brake_counts(district: District) -> Round:
    key = f"race {next(_serial)}"
    assert sorted((yield [partial(BRAKE.add, key)] * 8)) == list(range(1, 9))


def a_draw(district: District) -> Round:
    """Of one frozen list by three: one seed, and the result that it gives."""
    case = draw_in(district, "frozen")
    others = [account_with("bureau_handler", district.bureau) for _ in range(2)]
    said = yield [fired(case, "draw_by_system", who) for who in (district.handler, *others)]
    assert refused(said) == 2, said
    assert history(case).filter(name="seeded").count() == 1
    assert list(differences(Draw.objects.get(pk=case.pk))) == []


def an_answer_to_an_objection(district: District) -> Round:
    case = an_objection(district)
    answers = [
        fired(case, "answer", who, note="已核对", data={"result": "stands"})
        for who in (district.owner, district.colleague) * 2
    ]
    said = yield answers
    assert refused(said) == 3, said
    assert history(case).filter(name="answer").count() == 1


def a_circular(district: District) -> Round:
    made = circular_of(district)
    said = yield [fired(made, "send", district.handler)] * 4
    assert refused(said) == 3, said
    assert made.receipts.filter(unit=district.unit).count() == 1


def a_form_that_is_sent_again(district: District) -> Round:
    """By the same page, five times at once, over the web."""
    plan = a_plan(district.unit, 2026 + next(_serial))
    url, clients = reverse("plans:item_new", args=[plan.pk]), [signed_in(district.owner) for _ in range(5)]
    typed = as_shown(clients[0], url, **ROW)
    answers = yield [partial(client.post, url, typed) for client in clients]
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert PlanItem.objects.filter(plan=plan).count() == 1


RACES = tuple(
    map(
        Race,
        (
            a_code_of_the_own_phone,
            a_recovery_code,
            a_one_time_password,
            votes_of_second_officers,
            guesses_at_a_slip,
            failures_that_a_brake_counts,
            a_draw,
            an_answer_to_an_objection,
            a_circular,
            a_form_that_is_sent_again,
        ),
    )
)
