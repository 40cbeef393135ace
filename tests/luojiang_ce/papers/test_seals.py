"""The drawing of a seal, as parameters say (domain.md §5), and the seals that come with the product."""

import json
import re
from xml.etree import ElementTree

import pytest

from luojiang_ce.papers.content import stamp_of
from luojiang_ce.papers.models import Seal
from luojiang_ce.papers.seals import SealShape, place_svg, seal_svg, shape_of
from luojiang_ce.papers.seeds import load_seals
from tests.luojiang_ce.papers.samples import SEAL_NAME, seal_of

SHAPE = SealShape(SEAL_NAME, "洛江区人力资源和社会保障局", "职业能力培训专用章")
SVG = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parse(svg).iter(f"{SVG}text")]


def test_a_seal_is_round_40_mm_with_a_ring_of_1_mm_and_no_star():
    root = parse(seal_svg(SHAPE))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("40mm", "40mm", "0 0 200 200")
    circle = root.find(f"{SVG}circle")
    width = float(circle.get("stroke-width"))
    assert width / 200 * 40 == pytest.approx(1.0)
    assert float(circle.get("r")) + width / 2 == pytest.approx(100)
    assert {element.tag.removeprefix(SVG) for element in root} == {"circle", "text", "title"}  # no star


@pytest.mark.notice("一(一)")
def test_the_name_stands_on_the_arc_and_the_purpose_in_a_line_to_the_letter():
    assert "".join(texts(seal_svg(SHAPE))) == SEAL_NAME


def test_the_arc_is_symmetrical_and_stays_inside_the_ring():
    arc = parse(seal_svg(SHAPE)).findall(f"{SVG}text")[0]
    angles = [float(a) for a in arc.get("rotate").split()]
    assert angles == pytest.approx([-a for a in reversed(angles)])
    for x, y in zip(arc.get("x").split(), arc.get("y").split(), strict=True):
        assert (float(x) - 100) ** 2 + (float(y) - 100) ** 2 < 95**2


def test_a_demo_seal_says_so_across_the_middle_and_to_screen_readers():
    svg = seal_svg(SealShape(**{**SHAPE.__dict__, "demo": True}))
    assert "样章" in texts(svg)
    assert "（样章）" in parse(svg).get("aria-label")
    assert "样章" not in seal_svg(SHAPE)


def test_other_sizes_and_long_or_odd_texts_are_drawn():
    svg = seal_svg(SealShape("<&>" * 20, "<&>" * 20, "", 45, 1.2))
    assert parse(svg).get("width") == "45mm"
    assert texts(svg) == ["<&>" * 20]
    assert texts(seal_svg(SealShape("", "", ""))) == []


@pytest.mark.django_db
def test_a_blank_seal_leaves_its_place_and_a_drawn_one_its_picture(district):
    blank = stamp_of(seal_of(district.bureau, provider=Seal.Provider.BLANK, name="甲"))
    assert "stroke-dasharray" in blank.svg
    assert (texts(blank.svg), blank.note) == ([], "手工加盖")
    drawn = stamp_of(seal_of(district.bureau, name="乙"))
    assert "样章" in drawn.svg
    assert drawn.note == "样章，仅供演示"
    assert stamp_of(None) is None
    assert parse(place_svg(SHAPE)).get("width") == "40mm"


@pytest.mark.django_db
@pytest.mark.notice("一(一)")
def test_the_seal_of_the_notice_comes_with_the_product(district, settings):
    assert load_seals({"bureau": district.bureau}, demo=False) == "新增印章 2 枚"
    assert load_seals({"bureau": district.bureau}, demo=False) == "印章已齐"
    seal = Seal.objects.get(name=SEAL_NAME)
    assert (str(seal.first_day), seal.last_day, seal.provider, seal.demo) == ("2017-03-03", None, "blank", False)
    assert shape_of(seal) == SHAPE
    notice = re.compile("洛江区人力资源和社会保障局职业能力培训专用章")
    assert notice.fullmatch(json.loads((settings.BASE_DIR / "fixtures" / "seals.json").read_text())[0]["name"])


@pytest.mark.django_db
def test_in_a_demo_only_the_verification_seal_is_drawn_as_a_sample(district):
    load_seals({"bureau": district.bureau}, demo=True)
    drawn = Seal.objects.filter(provider=Seal.Provider.DRAWN)
    assert [(seal.name, seal.demo) for seal in drawn] == [(SEAL_NAME, True)]
