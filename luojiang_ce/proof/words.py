"""What verifying says, in one place: `verify_paper` and the page that works without a network say the same."""

from __future__ import annotations

from luojiang_ce.uploads.dangers import EMPTY

# Verdict: how it looks, its word, its sentence: true of whatever leads to it, and what to do. `why`: the lines of the
# findings that decide it. A code proves what it says itself, never the sheet that bears it: only a file is genuine.
VERDICTS = {
    "genuine": (
        *("is-done", "shield-check", "文件是真的"),
        "与签发时存的一字不差，截至 {list_day}（{age}）没有撤销，可以使用",
    ),
    "stated": (
        *("is-done", "shield-check", "二维码是真的"),
        "下面的内容是签发机关签的。请逐项与纸面对照（空格不算），有一项不同就不要收。截至 {list_day}（{age}）没有撤销",
    ),
    "unsure": ("is-soon", "shield-alert", "不能确定", "{why}。先不要凭它办理，怎么办见下面各项"),
    "revoked": ("is-late", "shield-x", "已撤销，不能使用", "{why}。请持有人出示现在有效的文书"),
    "foreign": ("is-late", "shield-x", "不是本系统签发的", "{why}。不要当作本系统签发的文书收下"),
    "mismatch": (
        *("is-late", "shield-x", "与纸面对不上"),
        "{why}。先核对填的编号或核验码；没有填错的，这张纸不要收",
    ),
    "fake": ("is-late", "shield-x", "是假的", "{why}。不要收，请打电话告诉签发机关"),
}
# Finding: what it means for the verdict (a finding that decides nothing has none), how it looks, its line, its note.
FINDINGS = {
    "signed": ("", "is-done", "签名有效", "密钥 {kid}，{signed} 签发"),
    "signed_by_former": ("", "is-done", "签名有效", "密钥 {kid} 已于 {until} 换用新的，签发时（{signed}）在用"),
    "forged": ("fake", "is-late", "签名不符：内容被改过，或是伪造的", "自称用密钥 {kid}"),
    "unknown_key": (
        *("unsure", "is-soon", "密钥不认识"),
        "{kid} 不在已存的 {keys} 把公钥之中：可能是新密钥，也可能是假的。联网更新公钥后再验",
    ),
    "foreign_key": (
        *("foreign", "is-late", "签名的密钥不是本系统的"),
        "公钥刚更新过，没有 {kid}：是别的机关的文书，或是伪造的。请向它写明的签发机关核实",
    ),
    "withdrawn_key": (
        *("unsure", "is-soon", "密钥已于 {withdrawn} 作废"),
        "{kid}：{reason}。请向签发机关核实，电话用公开的，不用文书上印的",
    ),
    "out_of_days": (
        *("unsure", "is-soon", "签名的日期不在密钥的使用期内"),
        "密钥 {kid}，写明 {signed} 签发。请向签发机关核实，电话用公开的，不用文书上印的",
    ),
    "no_statement": (
        *("unsure", "is-soon", "没有签名声明"),
        "这份文书签发时还没有离线核验，或文件不是本系统签发的。请凭核验码联网核验",
    ),
    "broken_statement": (
        *("unsure", "is-late", "文件里的签名声明残缺"),
        "文件被改过、没有存完整，或不是本系统签发的。请重新下载或另要一份再验，不行的用核验码联网核验",
    ),
    "same_paper": ("", "is-done", "与纸面的编号或核验码一致", "{typed}"),
    "another_paper": (
        *("mismatch", "is-late", "二维码是另一份文书的"),
        "纸面上填的是 {typed}，二维码里是 {number}（核验码 {code}）：二维码可能是贴上去的",
    ),
    "typed_not_read": (
        *("unsure", "is-soon", "填的没有比对"),
        "“{typed}”既不是完整的编号，也不是 12 位的核验码。请照纸面填全，例如 洛人社验〔2026〕00018号",
    ),
    "same_file": ("", "is-done", "文件没有改过", "文件指纹与收录证明里的一致"),
    "another_file": ("fake", "is-late", "文件被改过", "文件指纹与签发时收录的不同，哪怕只改一个字也会这样"),
    "file_as_issued": ("", "is-done", "文件没有改过", "{today} 联网比过：文件指纹与签发机关存的一致"),
    "file_not_as_issued": (
        *("fake", "is-late", "文件被改动"),
        "{today} 联网比过：文件指纹与签发机关存的不同，哪怕只改一个字也会这样",
    ),
    "file_not_compared": (
        *("unsure", "is-soon", "文件没有比对"),
        "要有这份文书的收录证明才能比对：联网时自动取，或一并选择证明文件",
    ),
    "not_revoked": ("", "is-done", "不在撤销清单上", "清单 {list_day}，{age}。之后撤销的查不出"),
    "revoked": ("revoked", "is-late", "在撤销清单上", "{day} 撤销，第 {nth} 条。清单 {list_day}，{age}"),
    "replaced": (
        *("revoked", "is-late", "在撤销清单上"),
        "{day} 起以 {replaced_by} 为准，第 {nth} 条。清单 {list_day}，{age}",
    ),
    "list_older": (
        *("unsure", "is-soon", "撤销清单比文书旧"),
        "清单 {list_day}，文书 {signed} 签发：查不出它有没有撤销。联网更新清单后再验",
    ),
    "list_of_future": (
        *("unsure", "is-soon", "撤销清单的日期还没有到"),
        "清单 {list_day}，本机今天是 {today}。请核对本机的日期，再联网更新清单",
    ),
    "no_list": ("unsure", "is-soon", "撤销清单没查", "手上没有可用的清单，不知道有没有撤销。联网更新后再验"),
    "list_not_asked": ("", "is-idle", "撤销清单没查", "先要认得签名"),
    "included": ("", "is-done", "收录证明有效", "序号 {index}，在 {head_day} 公布的树根之内（共 {size} 条）"),
    "not_included": (
        *("unsure", "is-late", "收录证明不符"),
        "证明里的数不能合成公布的树根：证明被改过，或没有存完整。请从核验页重新下载",
    ),
    "cosigned": (
        *("", "is-done", "会签有效"),
        "按已存的公钥，{by} 会签了这个树根。要确实不必信签发机关，会签用的公钥请向会签单位核对",
    ),
    "not_cosigned": ("", "is-idle", "没有会签", "这个树根上没有已登记的会签单位的有效签名"),
    "cosigned_not_asked": ("", "is-idle", "会签没查", "这个浏览器不会验会签用的签名（Ed25519）"),
    "not_as_included": (
        *("fake", "is-late", "收录的不是这些内容"),
        "{head_day} 公布的树里，核验码 {code} 的文书是另一份内容：可能是盗用密钥伪造的",
    ),
    "other_inclusion": ("", "is-idle", "选的收录证明是另一份文书的", "没有用它。请选择这份文书自己的证明文件"),
    "unknown_head": ("", "is-idle", "收录证明没查", "树根的签名不认识，联网更新公钥后再验"),
    "no_inclusion": ("", "is-idle", "收录证明没查", "没有这份文书的证明文件。文书页和核验页上可以下载，联网时自动取"),
    "not_yet": ("", "is-idle", "还没有收录", "{signed} 签发；每天早上公布一次，签发的第二天就有"),
    "overdue": (
        *("unsure", "is-soon", "早该收录，却还没有"),
        "{signed} 签发，每天早上公布一次。请明天再验，还没有的向签发机关核实",
    ),
    "in_force": ("", "is-done", "签发机关有这份文书，现在有效", "{today} 联网问过"),
    "in_review": (
        *("unsure", "is-soon", "签发机关正在复核这份文书"),
        "{today} 联网问过：所载内容有变动。以复核结论为准",
    ),
    "not_as_issued": (
        *("fake", "is-late", "签发机关签发的不是这些内容"),
        "{today} 联网问过：核验码 {code} 的文书另有签名声明，与这一份不同，可能是盗用密钥伪造的",
    ),
    "told_revoked": ("revoked", "is-late", "签发机关已撤销这份文书", "{today} 联网问过"),
    "not_known": (
        *("unsure", "is-soon", "签发机关查无此件"),
        "{today} 联网问过，没有核验码 {code}：签名虽对，也可能是盗用密钥伪造的。请向签发机关核实",
    ),
}
UNREADABLE = "认不出来：这不是文书二维码里的文字，或没有粘贴完整。请重新扫一次，把码里的文字全部粘贴过来"
NOT_SIGNED = (
    "这个码里只有核验码，没有签名：文书签发时还没有离线核验。请联网打开码里的地址核验；"
    "它不能证明的是：没有网络时内容是否改过、是否收录在公布的树里"
)
# How a year ended, by the letter that a statement has for it (years.py). A letter never changes its meaning: papers
# bear it.
OUTCOMES = {
    **{"M": "达标", "U": "未达标", "P": "进行中", "N": "未判定", "W": "经审批同意通过验证"},
}
SELF_SAID, UNTITLED = "自称：", "文书"  # in front of a title that nobody is known to have signed; in its place
NO_PAPER = "“{name}”不是文书 PDF、收录证明或照片，请重新选择"
EMPTY_FILE = f"“{{name}}”{EMPTY}"
LOCKED = (
    "“{name}”加了密码，读不了。签发的文书都不加密码，加过的也不再是签发的那份文件：请另要一份原文件，或凭核验码联网核验"
)
PROOF_ALONE = "这是收录证明，要和它的文书一起核验：请再扫二维码，或选择文书 PDF"
PORTABLE = (
    "这是电子记录（.json）或数字徽章（.jwt），不在这里核验：电子记录交给转入的单位，在“外区记录转入”里导入，导入时会验签名。"
    "要核验文书，请选择文书 PDF、收录证明或照片"
)
LABELS = {
    **{"name": "姓名", "unit": "单位", "subject": "培训", "year": "年度", "years": "各年度结论", "hours": "学时"},
    **{"result": "结论"},
    **{"dated": "日期", "code": "核验码"},
}


def age(days: int) -> str:
    """How old a list is: 今天, 3 天前; by whoever's clock is before its day, no age at all."""
    if days < 0:
        return "日期还没有到"
    return "今天" if days == 0 else f"{days} 天前"
