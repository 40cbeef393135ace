"""Surnames that are read otherwise than the character alone, and those of two characters."""

# The reading as a surname first, then what else people say; of two characters a syllable each.
SURNAMES = {
    **{"曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "盖": "ge gai"},
    **{"朴": "piao", "任": "ren", "华": "hua", "员": "yun", "缪": "miao", "乜": "nie", "黑": "he hei"},
    **{"秘": "bi mi", "冼": "xian", "洗": "xian", "折": "she", "覃": "qin tan", "谌": "chen shen"},
    **{"召": "shao", "都": "du", "尉": "wei", "宿": "su", "隗": "wei kui", "郇": "xun huan", "柏": "bai bo"},
    **{"薄": "bo", "逄": "pang", "葛": "ge", "燕": "yan", "宁": "ning", "过": "guo", "哈": "ha"},
    **{"种": "chong", "翟": "zhai di", "瞿": "qu", "牟": "mu mou", "车": "che", "乐": "yue le", "阚": "kan"},
    **{"曲": "qu", "祭": "zhai ji", "句": "gou", "繁": "po", "那": "na", "盛": "sheng", "石": "shi"},
    **{"贾": "jia", "谷": "gu", "沈": "shen", "重": "chong", "相": "xiang", "应": "ying", "卜": "bu"},
    **{"晁": "chao", "万": "wan", "干": "gan", "藏": "zang", "强": "qiang", "占": "zhan", "撒": "sa"},
    **{"纪": "ji", "宓": "mi fu", "佴": "nai", "亓": "qi", "逯": "lu", "妫": "gui", "桓": "huan", "舍": "she"},
    **{"率": "shuai", "行": "xing", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "单于": "chan yu"},
    **{"澹台": "tan tai", "令狐": "ling hu", "欧阳": "ou yang", "司马": "si ma", "司徒": "si tu"},
    **{"司空": "si kong", "上官": "shang guan", "诸葛": "zhu ge", "皇甫": "huang fu", "夏侯": "xia hou"},
    **{"东方": "dong fang", "公孙": "gong sun", "慕容": "mu rong", "宇文": "yu wen", "端木": "duan mu"},
    **{"轩辕": "xuan yuan", "独孤": "du gu", "南宫": "nan gong", "西门": "xi men", "呼延": "hu yan"},
    **{"钟离": "zhong li", "闻人": "wen ren", "淳于": "chun yu", "濮阳": "pu yang", "太史": "tai shi"},
    **{"申屠": "shen tu", "公冶": "gong ye", "宗政": "zong zheng", "赫连": "he lian", "鲜于": "xian yu"},
    **{"闾丘": "lv qiu", "亓官": "qi guan", "拓跋": "tuo ba", "百里": "bai li", "东郭": "dong guo"},
    **{"乐正": "yue zheng"},
}


def surname_length(name: str) -> int:
    """How many characters of a Chinese name are its surname; 0 for a name in other letters."""
    if name[:2] in SURNAMES and len(name) > 2:
        return 2
    return 1 if "\u3400" <= name[:1] <= "\u9fff" or name[:1] >= "\U00020000" else 0
