"""Freezing the list of a draw, and setting the bureau's figures (product.md I4, V12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from training.inspections.case import AT_LEAST

from .draw import DrawList, Inspector, LeftOut, Row, digest_of, text_of
from .listing import classes_between, declarations_between, inspectors_now
from .models import Draw, DrawFigures, figures_in_force
from .weights import at_least

# What one draw carries out at once, in well under a second; more is drawn in several.
MOST = {Draw.Of.CLASSES: 50, Draw.Of.DECLARATIONS: 500}
UNITS = {Draw.Of.CLASSES: "个班", Draw.Of.DECLARATIONS: "份申报"}
NAMES = {Draw.Of.CLASSES: "培训班", Draw.Of.DECLARATIONS: "学时申报"}


@dataclass(frozen=True)
class SeedWanted:
    """Where the seed is to come from: the system, or a public number of this source that becomes known on a day."""

    seed_from: str
    source: str = ""
    seed_on: date | None = None

    def wrong(self) -> dict[str, str]:
        """A public number must become known after today, when the list is published, and be named before."""
        if self.seed_from != Draw.Seed.PUBLIC:
            return {}
        wrong = {}
        if not self.source:
            wrong["source"] = "请写明用哪一个公开号码，如“福建省体育彩票 31选7 第26130期开奖号码”"
        if self.seed_on is None:
            wrong["seed_on"] = "请填写号码在哪一天公布"
        elif self.seed_on <= clock.today():
            wrong["seed_on"] = f"号码须在名单公布以后才产生，公布日期应晚于今天（{full(clock.today())}）"
        return wrong

    @property
    def kept(self) -> dict[str, Any]:
        """As the draw keeps it: the system's own has no source and no day."""
        public = self.seed_from == Draw.Seed.PUBLIC
        return {
            "seed_from": self.seed_from,
            "source": self.source if public else "",
            "seed_on": self.seed_on if public else None,
        }

    @property
    def said(self) -> str:
        """In words, as the list says it."""
        public = self.seed_from == Draw.Seed.PUBLIC and self.seed_on
        return f"{self.source}（{full(self.seed_on)}公布）" if public and self.seed_on else Draw.Seed.SYSTEM.label


@dataclass(frozen=True)
class Candidates:
    """What is drawn from: `span` in words, the rows, what was left out, and the inspectors, of whom `pair` go to each
    row; `share` (percent): how many at least."""

    of: Draw.Of
    span: str
    share: int | None
    rows: Sequence[Row]
    left_out: Sequence[LeftOut] = ()
    inspectors: Sequence[Inspector] = ()
    pair: int = 0

    @property
    def least(self) -> int:
        return at_least(self.share, len(self.rows))

    def frozen(self, number: str, count: int, seed: SeedWanted) -> str:
        """The list as a text."""
        about = {"抽查事项": self.of.label, "范围": self.span, "种子来源": seed.said, "编号": number}
        parts = (tuple(self.rows), tuple(self.inspectors), tuple(self.left_out))
        return text_of(DrawList(about, count, self.pair, *parts))


def freeze_classes(
    *,
    since: date,
    until: date,
    called_off: bool = False,
    count: int | None,
    pair: int = AT_LEAST,
    seed_from: str,
    source: str = "",
    seed_on: date | None = None,
    actor: Actor,
) -> Draw:
    """Freeze the classes with lessons in this span, and the inspectors of today, and publish the list's digest. `count`
    classes are drawn (None: what the share asks for), `pair` inspectors for each.

    Raises NotPossible, with every reason, where there is nothing to draw, too few inspectors, a wrong count, another
    list that still lies open; PermissionDenied but for a handler.
    """
    figures, inspectors = figures_in_force(), inspectors_now()
    span = f"{full(since)}至{full(until)}有课的培训班{'，含已取消、未举办的' if called_off else ''}"
    rows, left_out = classes_between(
        since, until, called_off=called_off, pair=pair, figures=figures, inspectors=inspectors
    )
    listed = Candidates(Draw.Of.CLASSES, span, figures.class_share, rows, left_out, inspectors, pair)
    return _freeze(listed, count, SeedWanted(seed_from, source, seed_on), actor)


def freeze_declarations(
    *,
    since: date,
    until: date,
    count: int | None,
    seed_from: str,
    source: str = "",
    seed_on: date | None = None,
    actor: Actor,
) -> Draw:
    """The same of the declarations that were accepted in this span (V12)."""
    figures = figures_in_force()
    rows = declarations_between(since, until, figures=figures)
    span = f"{full(since)}至{full(until)}认可的学时申报"
    listed = Candidates(Draw.Of.DECLARATIONS, span, figures.declaration_share, rows)
    return _freeze(listed, count, SeedWanted(seed_from, source, seed_on), actor)


def _freeze(listed: Candidates, count: int | None, seed: SeedWanted, actor: Actor) -> Draw:
    if not actor.holds(Role.BUREAU_HANDLER):
        raise PermissionDenied(f"account {actor.pk} freezes no list")
    count = count or listed.least or None
    wrong = seed.wrong()
    if len(listed.inspectors) < listed.pair:
        wrong["pair"] = (
            f"现在只有 {len(listed.inspectors)} 名监督检查人员，每个班派不了 {listed.pair} 人；请系统管理员先设置人员"
        )
    if reason := _wrong_count(listed, count):
        wrong["count" if listed.rows else "since"] = reason
    if wrong or count is None:
        raise NotPossible(**wrong)
    with transaction.atomic():
        _none_lies_open(listed.of)
        year = clock.today().year
        number = next_number("draw", year, seed="{year}-CQ-{seq:04d}", title="随机抽查编号")
        text, size = listed.frozen(number, count, seed), len(listed.rows)
        made = Draw.objects.create(
            number=number, of=listed.of, listed=text.encode(), digest=digest_of(text), size=size, count=count,
            created_by_id=actor.pk, **seed.kept,
        )  # fmt: skip
        record(made, "list_frozen", actor=actor, data={"digest": made.digest, "size": size, "count": count})
    return made


def _wrong_count(listed: Candidates, count: int | None) -> str:
    rows, left_out, unit = len(listed.rows), len(listed.left_out), UNITS[listed.of]
    if not rows:
        also = f"（另有 {left_out} {unit}不能参加抽取：已安排检查，或检查人都须回避）" if left_out else ""
        return f"这段时间没有可以抽取的{NAMES[listed.of]}{also}，名单是空的，不能抽取；请改时间范围"
    if count is None:
        return f"没有设定抽查比例，请填写抽几{unit[0]}（名单上有 {rows} {unit}）"
    if count > rows:
        return f"名单上只有 {rows} {unit}，抽不了 {count} {unit[0]}"
    if count < listed.least:
        return f"设定的抽查比例是 {listed.share}%，名单上有 {rows} {unit}，至少抽 {listed.least} {unit[0]}"
    if count > MOST[listed.of]:
        return f"一次最多抽 {MOST[listed.of]} {unit}，更多的请缩小时间范围，分几次抽取"
    return ""


def _none_lies_open(of: Draw.Of) -> None:
    """Two lists at once would let somebody draw from the better one (the database holds it for two officers at once),
    and so would a draw that is never carried out."""
    other = Draw.objects.filter(of=of, state__in=(Draw.State.FROZEN, Draw.State.DRAWN)).first()
    if other is None:
        return
    if other.state == Draw.State.FROZEN:
        raise NotPossible(f"{other.number} 的名单已公布，还没有抽取；请先抽取，或写明理由作废")
    raise NotPossible(
        f"{other.number} 已经抽取，还没有{'安排检查' if other.of_classes else '通知单位'}；请先办完再生成名单"
    )


def set_figures(*, figures: DrawFigures, actor: Actor) -> DrawFigures:
    """The figures from now on; those before stay on record. Raises PermissionDenied but for a handler."""
    if not actor.holds(Role.BUREAU_HANDLER):
        raise PermissionDenied(f"account {actor.pk} sets no figures")
    figures.pk, figures.set_at, figures.set_by_id = None, clock.now(), actor.pk
    with transaction.atomic():
        figures.save(force_insert=True)
        record(figures, "draw_figures_set", actor=actor, note=figures.reason)
    return figures
