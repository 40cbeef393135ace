"""Seals of the bureau and the authorities, and who keeps them: the list, registering, ending (notice 一(一))."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_ALL_SEALS, READ_SEAL_REGISTER, Role, can, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.papers.content import Stamp, stamp_of
from luojiang_ce.papers.models import Seal, SealUse
from luojiang_ce.papers.printouts import printed
from luojiang_ce.papers.registerbook import REGISTER_PRINTED
from luojiang_ce.papers.signing.credentials import BadSigner, Certificate, certificate_of
from luojiang_ce.typed import whole_number
from luojiang_ce.uploads.places import SEAL_PICTURE
from luojiang_ce.workflow.pages import edit_history
from units.forms.seals import EndPictureForm, EndSealForm, PictureForm, SealForm, WayForm
from units.models import Account, Assignment, Unit
from units.seals import FOR_OFFICE, PURPOSES
from units.services import seals as service
from units.services.seals import end_seal, register_seal

# Whoever registers seals, and whoever keeps them: a picture in other hands is good for forging alone.
SEE_PICTURES = (*DO_BUREAU_WORK.roles, Role.SEAL_KEEPER)


@dataclass(frozen=True)
class Shown:
    """A seal as the list shows it: `problem`: why it cannot be used today."""

    seal: Seal
    stamp: Stamp | None
    purpose: str
    problem: str | None

    @property
    def is_over(self) -> bool:
        return self.seal.last_day is not None and self.seal.last_day < clock.today()

    @property
    def ends_today(self) -> bool:
        """Its last day of use is today, that day included."""
        return self.seal.last_day == clock.today()

    @property
    def may_have_picture(self) -> bool:
        """An office's own seal is put on by hand, always."""
        return self.seal.purpose != FOR_OFFICE and not self.is_over


@can(READ_SEAL_REGISTER)
def listing(request: HttpRequest) -> HttpResponse:
    """Unit by unit: its seals, from when to when, and who keeps them. Three queries."""
    owners = list(_owners(request.user))
    seals: dict[int, list[Shown]] = defaultdict(list)
    for seal in Seal.objects.visible_to(request.user).filter(owner_type=Unit._meta.label_lower).order_by("-pk"):
        seals[seal.owner_id].append(_shown(seal))
    keepers: dict[int, list[Assignment]] = defaultdict(list)
    held = Assignment.objects.current().filter(role=Role.SEAL_KEEPER, unit__in=owners, account__is_active=True)
    for each in held.select_related("account").order_by("valid_from", "pk"):
        keepers[each.unit_id].append(each)
    may = request.user.holds(*DO_BUREAU_WORK.roles)
    context = {
        "title": "印章与监印人",
        "lead": "区人社局和各主管部门的验证印章；印章更名时登记新章、停用旧章，以前的文书仍是旧章",
        "links": [HeadLink("登记印章", reverse("seals:new"), "plus", True)] if may else [],
        "may_register": may,
        "sees_pictures": request.user.holds(*SEE_PICTURES),
        "owners": [(owner, seals[owner.pk], keepers[owner.pk]) for owner in owners],
    }
    return render(request, "units/seals.html", context)


@can(READ_SEAL_REGISTER)
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """One seal: what stands on it, how and when it is used, who keeps it, what happened to it."""
    found = get_visible_or_404(Seal.objects.select_related("picture", "registered_by", "approved_by"), request, pk=pk)
    owner = Unit.objects.get(pk=found.owner_id)
    held = Assignment.objects.current().filter(role=Role.SEAL_KEEPER, unit=owner, account__is_active=True)
    shown = _shown(found)
    context = {
        "title": found.name,
        "kind": "印章",
        "lead": f"{owner.name}　{shown.purpose}",
        "crumbs": [*_above(), (found.name, "")],
        "row": shown,
        "owner": owner,
        "keepers": held.select_related("account").order_by("valid_from", "pk"),
        "may_register": request.user.holds(*DO_BUREAU_WORK.roles),
        "sees_pictures": request.user.holds(*SEE_PICTURES),
        "may_approve": found.approved_at is None and request.user.holds(Role.BUREAU_APPROVER),
        "certificate": _certificate(found),
        "used": found.uses.count(),
        "waiting": SealUse.objects.awaiting_hand().filter(seal=found).count(),
        "years": found.uses.order_by("-year").values_list("year", flat=True).distinct(),
        "history": edit_history(found),
    }
    return render(request, "units/seal.html", context)


@roles(Role.BUREAU_APPROVER)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a seal that was registered be used."""
    seal = get_visible_or_404(Seal, request, pk=pk)
    here = reverse("seals:seal", args=[pk])
    return act(
        request,
        lambda: service.approve_seal(seal=seal, actor=request.user),
        back=here,
        done=f"已批准启用：{seal.name}",
    )


@can(DO_BUREAU_WORK)
def way(request: HttpRequest, pk: int) -> HttpResponse:
    """How a seal reaches the papers from now on."""
    seal = get_visible_or_404(Seal, request, pk=pk)
    form = WayForm(posted(request), initial={"provider": seal.provider, "signer": seal.signer})
    return form_page(
        request,
        form,
        lambda: service.change_way(seal=seal, actor=request.user, **form.cleaned_data),
        title="改变用印方式",
        lead=f"{seal.name}　现在是{seal.way}",
        done=f"已改变用印方式，待审批人批准后启用：{seal.name}",
        back=[*_above(), (seal.name, reverse("seals:seal", args=[pk]))],
        why="审批人批准以前，这枚印章不能用；以前的文书不变。监印人和审计管理员会收到通知",
    )


@can(READ_SEAL_REGISTER)
def register_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The register of a seal and year as a PDF, to be filed; long ones are made in the background."""
    seal = get_visible_or_404(Seal, request, pk=pk)
    year = whole_number(request.GET.get("year", "")) or clock.today().year
    return printed(request, REGISTER_PRINTED, seal, year=str(year), label=f"{year} 年")


@can(DO_BUREAU_WORK)
def new(request: HttpRequest) -> HttpResponse:
    """Register a seal; `?owner=` chooses whose."""
    initial = {"owner": whole_number(request.GET.get("owner", ""))}
    form = SealForm(posted(request), owners=_owners(request.user), initial=initial)
    return form_page(
        request,
        form,
        lambda: register_seal(actor=request.user, **form.cleaned_data),
        title="登记印章",
        why="登记后由审批人批准启用；登记的人不能自己批准",
        lead="监印人由安全管理员在“账号与角色”中任命，从哪天到哪天都有记录；审核的人不能给自己审核的批次用印",
        done=lambda seal: f"已登记，待审批人批准启用：{seal.name}",
        back=_above(),
    )


@can(DO_BUREAU_WORK)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day of a seal."""
    seal = get_visible_or_404(Seal, request, pk=pk)
    form = EndSealForm(posted(request))
    return form_page(
        request,
        form,
        lambda: end_seal(seal=seal, actor=request.user, **form.cleaned_data),
        title="停用印章",
        lead=seal.name,
        done=f"已登记停用：{seal.name}",
        back=_above(),
        danger=True,
        why=f"最后使用日期当天仍可用印，次日起不能再用；已盖章的文书不受影响{_still_waiting(seal)}",
    )


@roles(*SEE_PICTURES)
def picture(request: HttpRequest, pk: int) -> FileResponse:
    """The picture that a seal has now."""
    seal = get_visible_or_404(Seal.objects.select_related("picture"), request, pk=pk)
    if seal.picture is None:
        raise Http404
    response = FileResponse(seal.picture.file.open(), content_type="image/png")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@takes_files(SEAL_PICTURE)
@can(DO_BUREAU_WORK)
def new_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload a seal's picture, or another in its place."""
    seal = get_visible_or_404(Seal, request, pk=pk)
    form = PictureForm(posted(request), request.FILES or None)
    return form_page(
        request,
        form,
        lambda: service.set_picture(seal=seal, actor=request.user, **form.cleaned_data),
        title="更换印章图样" if seal.picture_id else "上传印章图样",
        lead=seal.name,
        done=f"已上传图样，待审批人批准后启用：{seal.name}",
        back=_above(),
        why="审批人批准以前，这枚印章不能用；批准以后的文书套印这个图样，以前的文书不变。图样不是电子签章",
    )


@can(DO_BUREAU_WORK)
def end_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Papers bear no picture from now on."""
    seal = get_visible_or_404(Seal, request, pk=pk)
    form = EndPictureForm(posted(request))
    return form_page(
        request,
        form,
        lambda: service.end_picture(seal=seal, actor=request.user, **form.cleaned_data),
        title="停用印章图样",
        lead=seal.name,
        done="已停用图样",
        back=_above(),
        danger=True,
        why="以后的文书不再套印图样；以前的文书不变",
    )


def _still_waiting(seal: Seal) -> str:
    """What its keeper has to stamp before it goes."""
    count = SealUse.objects.awaiting_hand().filter(seal=seal).count()
    return f"。还有 {count} 份文书等它手工加盖，请先盖完" if count else ""


def _shown(seal: Seal) -> Shown:
    purpose = PURPOSES.get(seal.purpose, seal.purpose)
    return Shown(seal, stamp_of(seal), purpose, seal.problem_on(clock.today()))


def _certificate(seal: Seal) -> Certificate | None:
    """The certificate that signs for it; None where none does, or it cannot be read (the seal says so)."""
    if seal.provider != Seal.Provider.SIGNED:
        return None
    with suppress(BadSigner):
        return certificate_of(seal.signer)
    return None


def _owners(account: Account) -> QuerySet[Unit]:
    """The organs that have seals: to the bureau and whoever sees all seals every one, to a keeper the own."""
    organs = Unit.objects.filter(Q(is_bureau=True) | Q(is_authority=True), status=Unit.Status.ACTIVE)
    if not account.holds(*READ_ALL_SEALS.roles):
        organs = organs.filter(pk__in=account.unit_ids(Role.SEAL_KEEPER))
    return organs.order_by("-is_bureau", "code")


def _above() -> Crumbs:
    return [("印章与监印人", reverse("seals:list"))]
