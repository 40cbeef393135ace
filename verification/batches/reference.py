"""The bureau's first phrases for rows that are not passed; it keeps the library itself from then on (S5)."""

from __future__ import annotations

FOR_ROWS = tuple(
    (wrong, "")
    for wrong in (
        "《继续教育证书》未带或与本人不符",
        "缺相关培训通知文件",
        "报名情况未经单位盖章同意",
        "缴费培训未附缴费凭证",
        "在职学历、学位教育材料不全",
        "论文未事先办理确认手续",
        "自学未事先核准备案",
        "总学时（学分）不足",
        "专业科目学时不足",
        "通知未规定三级医疗机构的学分要求（一(三)2），学分已查验登记",
    )
)
FOR_BATCHES = (
    ("花名册与所附材料不一致", "核对后更正花名册"),
    ("花名册未加盖单位公章", "打印附件4盖章后上传扫描件"),
    ("证书编号有误", "按证书原件更正"),
)
