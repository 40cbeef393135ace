"""Characters that look like others, or like nothing: marks nobody sees, radicals out of a PDF, dots of every shape.

Plain text in, plain text out.
"""

import re
import unicodedata

# Zero-width, direction and filler marks (Unicode's format characters and other default ignorables), which come along
# from web pages, phones and chat programs; with them what no text can hold: control characters and noncharacters.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
# Python's Unicode tables may be older than the newest Chinese characters; these two planes hold nothing else.
NEW_HAN = range(0x20000, 0x40000)
# What no XML can hold, and so no cell of a workbook.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ]")
# A radical is no letter, though it looks like the character: the Kangxi ones have a compatibility mapping, those of the
# supplement an EquivalentUnifiedIdeograph (Unicode 15); ligatures of Latin letters come out of PDFs as well.
_LOOKALIKE = re.compile("[\u2e80-\u2ef3\u2f00-\u2fd5\ufb00-\ufb06]")
_RADICALS = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳"
    "⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥"
    "⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁"
    "冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼"
    "鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
# Bullets, hyphenation points, operators, stops of other scripts: what is typed for the dot of a name.
_MIDDLE_DOTS = re.compile(
    "[\u02d9\u0387\u1427\u16eb\u2022\u2024\u2027\u2218\u2219\u22c5\u25aa\u25cf\u25e6\u26ab\u2981\u2b1d\u2b24\u2e30\u2e31"
    "\u2e33\u2e3c\u30fb\u318d\ua78f\ufe52\uff0e\uff65\U00010101\U0001f784]"
)
# These stand at the end of a sentence or a figure too: they are the dot of a name between two of its letters alone.
_DOT_BETWEEN = re.compile(r"(?<=[^\W\d_])(\s*)[。｡°](\s*)(?=[^\W\d_])")
_HYPHENS = re.compile("[\u2010\u2011\ufe63\uff0d]")
_DASHES = re.compile("[\u2012-\u2015\u2212\ufe58]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02b9\u02bb\u02bc\u02c8\u2032\uff07`´]")
_DOTS_OF_ONE_NAME = re.compile(r"\s*[·.][\s·.]*")


def seen(text: str) -> str:
    """What one sees: no invisible marks, full-width digits and letters made ordinary, each character in its usual form.

    Canonical forms (NFC) hold compatibility ideographs too, so one name has one spelling.
    """
    ordinary = _FULL_WIDTH.sub(lambda found: chr(ord(found[0]) - 0xFEE0), _INVISIBLE.sub("", text))
    usual = _LOOKALIKE.sub(lambda found: unicodedata.normalize("NFKC", found[0].translate(_RADICALS)), ordinary)
    return unicodedata.normalize("NFC", usual)


def one_dot(name: str) -> str:
    """A name with · for every shape of its dot but the full stop, which is a sound character of names."""
    return _DOT_BETWEEN.sub(r"\1·\2", _MIDDLE_DOTS.sub("·", name))


def one_hyphen(name: str) -> str:
    """A name with one hyphen; a dash is no hyphen."""
    return _HYPHENS.sub("-", name)


def name_key(name: str) -> str:
    """What two spellings of one cleaned name share, where they differ in dots, hyphens, apostrophes or case alone."""
    return _DOTS_OF_ONE_NAME.sub("·", _APOSTROPHES.sub("'", _DASHES.sub("-", one_hyphen(name)))).strip("·").casefold()
