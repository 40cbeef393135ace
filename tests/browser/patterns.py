"""A list, a form and a case made of the shared parts alone, over real rows: what every app's pages are built from."""

from __future__ import annotations

import django_filters
from django import forms
from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import any_account, get_visible_or_404
from luojiang_ce.files.materials import Material, checklist
from luojiang_ce.files.registry import FileRules
from luojiang_ce.home.forms import BaseForm, Section
from luojiang_ce.home.lists import Chip, Count, HeadLink, list_context
from luojiang_ce.workdays import badges, strip
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.case_kind import CaseKind, Context, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.pages import case_page
from tests.luojiang_ce.workdays.rules import OPENING, PLAN
from training.plans.models import Plan
from units.access import APPROVER, FILER, HANDLER
from units.filed_case import reply
from units.models import Unit


def too_few_eyes(context: Context) -> str | None:
    return "审核人与审批人须为两人，先送审批"


PLAN_WORKFLOW = Workflow(
    {
        "draft": state("is-idle", Turn(FILER, "提交")),
        "submitted": state("is-turn", Turn(HANDLER, "审核", reply)),
        "returned": state("is-soon", Turn(FILER, "补正")),
        "checked": state("is-wait", Turn(APPROVER, "审批")),
        "refused": state("is-late"),
    },
    (
        Transition("submit", "提交", ("draft", "returned"), "submitted", FILER, "提交", style="primary"),
        Transition("return", "退回补正", ("submitted",), "returned", HANDLER, "退回补正", returns=True),
        Transition("approve", "准予公布", ("submitted",), "checked", HANDLER, "准予公布", guards=(too_few_eyes,)),
        Transition("check", "审核通过，送审批", ("submitted",), "checked", HANDLER, "审核通过", style="primary"),
        Transition(
            "refuse",
            "不予受理",
            ("submitted",),
            "refused",
            HANDLER,
            "不予受理",
            style="danger",
            form="luojiang_ce.workflow.forms.ReasonForm",
        ),
    ),
    (Step("审核", ("submitted",), "区人社局经办"), Step("审批", ("checked",), "区人社局审批"), Step("发文公布")),
)
MATERIALS = (
    Material("scheme", "年度培训方案", "盖章扫描件"),
    Material("form1", "计划登记表（附件1）"),
    Material("approval", "收费批件", required=lambda case: False),
)
PLAN_KIND = CaseKind(Plan, PLAN_WORKFLOW, files=FileRules(lambda case: MATERIALS, lambda case, account: True))


class UnitFilter(django_filters.FilterSet):
    nature = django_filters.ChoiceFilter(label="性质", choices=Unit.Nature.choices, empty_label="性质：全部")
    name = django_filters.CharFilter(
        label="名称", lookup_expr="icontains", widget=forms.TextInput(attrs={"placeholder": "在结果中找：名称"})
    )

    class Meta:
        model = Unit
        fields = ("nature", "name")


class ClassForm(BaseForm):
    sections = (
        Section("时间与地点", ("opens", "ends", "place")),
        Section("人员、收费与联系", ("people", "charges", "kind", "phone", "book"), "收费的班须有批准文号"),
    )
    widths = {"opens": 4, "ends": 4, "place": 4, "people": 3, "charges": 3, "kind": 6}

    opens = forms.DateField(label="开班日期")
    ends = forms.DateField(label="结束日期")
    place = forms.CharField(label="地点", help_text="与计划不同的，须说明原因")
    people = forms.IntegerField(label="计划人数", min_value=1, help_text="公布计划 40 人")
    charges = forms.BooleanField(label="向学员收费", required=False)
    kind = forms.ChoiceField(label="形式", choices=[("face", "面授"), ("remote", "远程")], widget=forms.RadioSelect)
    phone = forms.RegexField(
        r"^1\d{10}$", label="联系电话", error_messages={"invalid": "手机号应为 11 位，请核对"}, help_text="手机号"
    )
    book = forms.CharField(label="教材、讲义", required=False, widget=forms.Textarea(attrs={"rows": 3}))


LIST = """
{% extends "list_base.html" %}
{% load home %}
{% block bulk %}<button class="btn btn-sm btn-primary" type="submit">批量受理</button>{% endblock %}
{% block columns %}
  <th scope="col"><input class="form-check-input" type="checkbox" aria-label="全选本页" data-tick-all></th>
  {% include "parts/sort.html" with key="name" label="名称" %}
  <th scope="col">性质</th>
  {% include "parts/sort.html" with key="code" label="代码" %}
  <th scope="col">状态</th>
{% endblock %}
{% block rows %}
  {% for unit in page_obj %}
    <tr>
      <td><input class="form-check-input" type="checkbox" name="unit" value="{{ unit.pk }}"
                 aria-label="选 {{ unit.name }}" data-tick></td>
      <th scope="row"><a href="#">{{ unit.name }}</a></th>
      <td data-l="性质">{{ unit.get_nature_display }}</td>
      <td data-l="代码" class="num text-start">{{ unit.code }}</td>
      <td>{% state label=unit.get_status_display meaning="done" plain=True %}</td>
    </tr>
  {% endfor %}
{% endblock %}
""".strip()

CASE = """
{% extends "case_base.html" %}
{% load home %}
{% block summary %}
  {% panel "期限怎么数" id="days" note=deadline.explanation %}{% include "parts/strip.html" %}{% endpanel %}
{% endblock %}
{% block main %}
  {% panel "计划项目" id="items" flush=True %}
    <table class="lj-table lj-stack">
      <caption class="visually-hidden">计划项目</caption>
      <thead><tr><th scope="col">名称</th><th scope="col" class="num">人数</th></tr></thead>
      <tbody>
        <tr><th scope="row">农产品质量安全检测技术培训班</th><td class="num" data-l="人数">60</td></tr>
      </tbody>
    </table>
  {% endpanel %}
{% endblock %}
{% block side %}
  {% panel "单位" id="unit" %}{% include "parts/kv.html" with rows=facts %}{% endpanel %}
{% endblock %}
""".strip()


def page(request, source, context):
    return HttpResponse(engines["django"].from_string(source).render(context, request))


@any_account
def unit_list(request):
    context = list_context(
        request,
        Unit.objects.visible_to(request.user),
        filterset=UnitFilter,
        sorts={"name": "name", "code": "code"},
        sort="name",
    )
    context |= {
        "title": "单位",
        "lead": "全区",
        "unit": "个",
        "bulk_url": "/patterns/bulk/",
        "bulk_name": "unit",
        "links": [HeadLink("导出 .xlsx", "#", "file-spreadsheet")],
        "counts": [
            Count(2, "逾期", "?late=1", meaning="late"),
            Count(5, "快到期", "?soon=1", meaning="soon"),
            Count(27, "全部", "?", current=True),
        ],
        "chips": [Chip("全部", "?", current=True, number=27), Chip("学校", "?nature=school")],
    }
    return page(request, LIST, context)


@any_account
def class_form(request):
    if "autosave" in request.GET:
        return JsonResponse({"text": f"已自动保存：{request.POST['place']}"})
    form = ClassForm(request.POST or None)
    rules = current_rules()
    due = badges.open_badge(rules.due(PLAN, clock.today().year + 1), rules.calendar, clock.now())
    context = {
        "title": "开班申请：果蔬冷链保鲜技术培训班",
        "form": form,
        "submit_label": "提交开班申请",
        "deadlines": [due],
        "cancel_url": "/",
        "autosaves": True,
    }
    return page(request, '{% extends "form_base.html" %}', context)


@any_account
@require_POST
def bulk(request):
    """Says which rows came, and how often."""
    return HttpResponse("，".join(Unit.objects.get(pk=pk).name for pk in request.POST.getlist("unit")))


@any_account
def plan_case(request, pk):
    case = get_visible_or_404(Plan, request, pk=pk)
    rules = current_rules()
    deadline = rules.due(OPENING, clock.today().replace(day=28))
    context = {
        "page": case_page(case, request.user),
        "title": str(case),
        "kind": "培训计划",
        "number": "2026-P-0044",
        "lead": case.unit,
        "crumbs": [("培训计划", "#"), ("2026-P-0044", "")],
        "deadline": deadline,
        "strip": strip.build(deadline, rules.calendar, clock.today()),
        "facts": [("填表人", case.filler), ("电话", "0595-0000-0126"), ("增补", None)],
        "materials": checklist(case, MATERIALS),
        "may_change": request.GET.get("edit") == "1",
    }
    return page(request, CASE, context)


urlpatterns = [
    path("patterns/list/", unit_list),
    path("patterns/form/", class_form),
    path("patterns/bulk/", bulk),
    path("patterns/case/<int:pk>/", plan_case, name="pattern_case"),
    path("", include("tests.urls")),
]
