"""Web pages with tables, as many systems export them under the name .xls."""

import pytest

from luojiang_ce.sheets.problems import Unreadable
from tests.luojiang_ce.sheets.reading import cells

META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'


def page(inside: str, meta: str = "") -> str:
    return f"<html><head>{meta}</head><body>{inside}</body></html>"


@pytest.mark.parametrize("label", ["gb2312", "GBK", "gb18030"])
def test_chinese_labels_mean_gb18030(label: str) -> None:
    text = page("<table><tr><td>李𬭎</td><td>䶮</td></tr></table>", META.format(label))
    assert cells(text.encode("gb18030")) == {1: {1: "李𬭎", 2: "䶮"}}


@pytest.mark.parametrize("meta", [META.format("utf-8"), '<meta charset="UTF-8">', "", META.format("nonsense")])
def test_utf8_with_and_without_a_label(meta: str) -> None:
    assert cells(page("<table><tr><td>李𬭎</td></tr></table>", meta).encode()) == {1: {1: "李𬭎"}}


def test_a_wrong_label_is_passed_over() -> None:
    text = page("<table><tr><td>李明</td></tr></table>", META.format("utf-8"))
    assert cells(text.encode("gb18030")) == {1: {1: "李明"}}


def test_utf16_with_a_mark() -> None:
    assert cells(page("<table><tr><td>李明</td></tr></table>").encode("utf-16")) == {1: {1: "李明"}}


def test_spans_take_their_places() -> None:
    text = """<table><tr><td rowspan=3>甲<td colspan="2">乙<th>丙</tr>
      <tr><td>丁<td rowspan=2>戊<td>己<tr><td>庚<td>辛</table>"""
    assert cells(text.encode()) == {
        1: {1: "甲", 2: "乙", 4: "丙"},
        2: {2: "丁", 3: "戊", 4: "己"},
        3: {2: "庚", 4: "辛"},
    }


def test_text_of_cells() -> None:
    text = """<table><tr><td> 王\n   明&nbsp;</td><td>上<br>下</td><td><b>粗</b>&#26446;&lt;</td>
      <td style='mso-number-format:"\\@"'>="0123"</td><td><style>x{}</style><script>y</script></td></tr></table>"""
    assert cells(text.encode()) == {1: {1: " 王 明\xa0", 2: "上\n下", 3: "粗李<", 4: "0123"}}


def test_every_tr_is_a_row_through_the_whole_page() -> None:
    text = "<table><tr><th>标题</th></tr></table><p>x</p><table><tr></tr><tr><td>甲</td></tr></table>"
    assert cells(text.encode()) == {1: {1: "标题"}, 3: {1: "甲"}}


def test_a_table_within_a_table() -> None:
    text = "<table><tr><td>外<table><tr><td>内</td><td>里</td></tr></table></td></tr><tr><td>后</td></tr></table>"
    assert cells(text.encode()) == {1: {1: "外"}, 2: {1: "内", 2: "里"}, 3: {1: "后"}}


def test_unclosed_elements_lose_nothing() -> None:
    text = "<table>" + "".join(f"<tr><td><font><b>甲{n}<td><div>乙" for n in range(3000))
    assert cells(text.encode())[3000] == {1: "甲2999", 2: "乙"}


@pytest.mark.parametrize("span", ["0", "-1", "x", "", "99999999999999", "٣"])
def test_senseless_spans(span: str) -> None:
    assert cells(f"<table><tr><td colspan='{span}' rowspan='{span}'>甲".encode()) == {1: {1: "甲"}}


def test_a_page_without_a_table_is_no_spreadsheet() -> None:
    with pytest.raises(Unreadable, match="网页"):
        cells("<!DOCTYPE html><html><body>请先登录</body></html>".encode())


def test_xml_is_no_web_page_unless_it_says_so() -> None:
    with pytest.raises(Unreadable, match="XML"):
        cells(b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>')
    assert cells('<?xml version="1.0"?><html><table><tr><td>甲</td></tr></table></html>'.encode()) == {1: {1: "甲"}}


def test_entities_of_the_page_itself_are_nothing() -> None:
    text = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><table><tr><td>甲&x;</td></tr></table>'
    assert cells(text.encode())[1][1] in ("甲", "甲&x;")


def test_hostile_spans_are_given_up_in_time() -> None:
    taken = "<tr>" + "<td rowspan=60000>" * 16_000
    with pytest.raises(Unreadable, match="合并"):
        cells(("<table>" + taken + "<tr><td>" * 20_000).encode())
