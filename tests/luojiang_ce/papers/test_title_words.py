"""Where the lines of a title end."""

from __future__ import annotations

import time
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.papers.title_words import LINE, pieces, title_lines, width_of
from luojiang_ce.reference import shipped_rows

LONG = (
    "关于准予“洛江区农业农村系统数据分析与人工智能应用及农产品质量安全追溯平台操作实务高级研修培训班（第12期）”"
    "开班的通知（变更后）"
)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("授课证明", ["授课证明"]),
        (
            "关于“危大工程专项方案编审培训班（第2期）”监督检查的拟作处理告知",
            ["关于“危大工程专项方案编审培训班", "（第2期）”监督检查的拟作处理告知"],
        ),
        ("", []),
    ],
)
def test_a_title_is_broken_between_its_words(title: str, lines: list[str]) -> None:
    assert title_lines(title) == lines


def test_a_title_of_more_than_60_characters_ends_its_lines_between_words_and_has_no_waist() -> None:
    lines = title_lines(LONG)
    ends = set(accumulate(len(piece) for piece in pieces(LONG)))
    assert set(accumulate(len(line) for line in lines)) <= ends
    widths = [width_of(line) for line in lines]
    assert not [1 for a, b, c in zip(widths, widths[1:], widths[2:], strict=False) if a > b < c]
    assert len(lines) == 4


# Titles as they may come, in their words; between two of these a line may end, within one never.
IN_WORDS = """
关于 准予 “ 全区 中小学 高中级 专业 技术 人员 继续 教育 培训班 （第3期） ” 开班 的 通知
关于 取消 “ 初中级 会计 人员 新 政府 会计 制度 专题 研修班 ” 办班 的 通知
关于 公布 2026年度 专业 技术 人员 继续 教育 培训 项目 的 通知
关于 “ 中高级 职称 评审 政策 解读 与 申报 实务 培训班 ” 监督 检查 的 处理 决定
关于 准予 “ 中小学 班主任 心理 健康 教育 能力 提升 高级 研修班 ” 开班 的 通知
关于 准予 “ 幼儿园 园长 任职 资格 与 保育 教育 质量 评估 培训班 ” 开班 的 通知
关于 准予 “ 高中 生物学 新 课程 标准 与 教材 教法 研修班 ” 开班 的 通知
关于 准予 “ 初中 物理 实验 教学 与 学业 水平 考试 命题 研讨班 ” 开班 的 通知
关于 准予 “ 义务 教育 学校 体育 教师 运动 损伤 预防 与 急救 培训班 ” 开班 的 通知
关于 准予 “ 乡村 小学 英语 教师 课堂 教学 技能 提高班 （第2期） ” 开班 的 通知
关于 准予 “ 基层 医疗 卫生 机构 全科 医师 转岗 培训班 ” 开班 的 通知
关于 准予 “ 社区 护士 慢性病 管理 与 糖尿病 足部 护理 培训班 ” 开班 的 通知
关于 准予 “ 医院 感染 管理 与 多重 耐药菌 防控 新进展 学习班 ” 开班 的 通知
关于 准予 “ 中医药 适宜 技术 推广 与 针灸 推拿 实务 培训班 ” 开班 的 通知
关于 准予 “ 村卫生所 乡村 医生 合理 用药 与 处方 点评 培训班 ” 开班 的 通知
关于 准予 “ 预防 接种 人员 资质 与 疑似 异常 反应 监测 培训班 ” 开班 的 通知
关于 准予 “ 母婴 保健 技术 服务 人员 执业 资格 考核 培训班 ” 开班 的 通知
关于 准予 “ 农产品 质量 安全 检测 技术 培训班 （第1期） ” 开班 的 通知
关于 准予 “ 果树 病虫害 绿色防控 与 农药 减量 增效 技术 培训班 ” 开班 的 通知
关于 准予 “ 高标准 农田 建设 与 耕地 地力 保护 技术 培训班 ” 开班 的 通知
关于 准予 “ 动物 疫病 净化 与 兽用 抗菌药 使用 减量 培训班 ” 开班 的 通知
关于 准予 “ 水库 大坝 安全 管理 与 防汛 抢险 实务 培训班 ” 开班 的 通知
关于 准予 “ 水利 工程 建设 质量 监督 与 竣工 验收 培训班 ” 开班 的 通知
关于 准予 “ 房屋 市政 工程 施工 安全 与 危大工程 管理 培训班 ” 开班 的 通知
关于 准予 “ 装配式 建筑 设计 与 施工 技术 高级 研修班 ” 开班 的 通知
关于 准予 “ 工程 造价 管理 与 招标 投标 实务 培训班 ” 开班 的 通知
关于 准予 “ 政府 采购 与 行政 事业 单位 内部 控制 培训班 ” 开班 的 通知
关于 准予 “ 统计 人员 数据 质量 责任 与 统计 执法 培训班 ” 开班 的 通知
关于 准予 “ 档案 管理 人员 电子 档案 与 数字化 转型 培训班 ” 开班 的 通知
关于 准予 “ 图书馆 与 文化馆 公共 文化 服务 能力 培训班 ” 开班 的 通知
关于 准予 “ 人工智能 与 大数据 应用 公需科目 培训班 ” 开班 的 通知
关于 准予 “ 网络安全 等级 保护 与 个人 信息 保护 培训班 ” 开班 的 通知
关于 准予 “ 知识产权 保护 与 科技 成果 转化 高级 研修班 ” 开班 的 通知
关于 准予 “ 特种设备 作业 人员 安全 知识 继续 教育 班 ” 开班 的 通知
关于 准予 “ 道路 桥梁 养护 与 公路 隧道 检测 技术 培训班 ” 开班 的 通知
关于 准予 “ 不动产 测绘 与 国土 空间 规划 编制 培训班 ” 开班 的 通知
关于 准予 “ 生态 环境 监测 与 突发 事件 应急 处置 培训班 ” 开班 的 通知
关于 准予 “ 园林 绿化 养护 与 古树 名木 保护 培训班 ” 开班 的 通知
关于 准予 “ 茶叶 加工 与 审评 技术 及 食用菌 栽培 培训班 ” 开班 的 通知
关于 准予 “ 新闻 采编 与 广播电视 节目 制作 培训班 ” 开班 的 通知
关于 准予 “ 文物 保护 与 非物质 文化 遗产 传承 培训班 ” 开班 的 通知
关于 准予 “ 劳动 人事 争议 调解 仲裁 业务 培训班 ” 开班 的 通知
关于 准予 “ 中学 生物 与 地理 学科 核心 素养 培训班 ” 开班 的 通知
关于 准予 “ 学前 教育 教师 师德 师风 与 职业道德 培训班 ” 开班 的 通知
关于 准予 “ 特殊 教育 学校 教师 融合 教育 能力 培训班 ” 开班 的 通知
关于 准予 “ 急诊 急救 与 心肺 复苏 技能 培训班 （第4期） ” 开班 的 通知
关于 准予 “ 药师 处方 审核 能力 与 药品 不良 反应 监测 培训班 ” 开班 的 通知
关于 准予 “ 医学 影像 诊断 与 放射 防护 继续 医学 教育 项目 ” 开班 的 通知
关于 准予 “ 儿科 呼吸 系统 疾病 诊疗 规范 学习班 ” 开班 的 通知
关于 准予 “ 老年 健康 服务 与 安宁 疗护 护理 培训班 ” 开班 的 通知
关于 不予批准 “ 高级 工程师 评审 辅导 与 论文 写作 培训班 ” 开班 的 通知
关于 “ 农机 安全 操作 与 维修 保养 技术 培训班 ” 补正 材料 的 一次性 告知
关于 “ 全区 教育 系统 财务 管理 人员 培训班 ” 监督 检查 的 拟作处理 告知
关于 撤销 “ 林业 有害 生物 防治 技术 培训班 ” 培训 项目 的 通知
关于 更正 2026年度 公布 的 继续 教育 培训 项目 名单 的 通知
关于 做好 2026年度 专业 技术 人员 继续 教育 验证 工作 的 通知
关于 对 洛江区 青麓 农业 技术 推广中心 培训 办班 情况 的 通报
关于 进一步 规范 专业 技术 人员 继续 教育 培训 办班 管理 的 通知
关于 开展 中小学 教师 五年 周期 继续 教育 学时 核查 的 通知
关于 举办 事业单位 新 进 工作 人员 初任班 和 公共课 集中 培训 的 通知
"""


@pytest.mark.parametrize("said", IN_WORDS.strip().splitlines())
@pytest.mark.parametrize("before", ["", "洛江区 ", "泉州市 洛江区 "])
def test_no_word_of_a_real_title_is_parted(said: str, before: str) -> None:
    words = f"{before}{said}".split()
    lines = title_lines("".join(words))
    parted = set(accumulate(len(line) for line in lines)) - set(accumulate(len(word) for word in words))
    assert not parted, lines
    assert not [line for line in lines if width_of(line) > LINE]


@pytest.mark.parametrize("said", ["高中级", "初中级", "医院内感染", "中医师", "卫生所长"])
def test_words_that_overlap_stay_whole(said: str) -> None:
    assert pieces(f"关于{said}培训")[1].startswith(said)


@given(st.text(st.sampled_from("农业技术培训班安全的与“”（）第1期通知Python甲乙"), max_size=200))
def test_nothing_is_lost_and_no_line_is_too_long(title: str) -> None:
    begun = time.process_time()
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(width_of(line) <= LINE for line in lines)
    assert time.process_time() - begun < 2


def test_no_known_word_is_parted() -> None:
    for row in shipped_rows("title_words"):
        title = f"关于举办“甲{row['word']}培训班”的通知以及有关工作的若干事项安排"
        assert any(row["word"] in line for line in title_lines(title)), title
