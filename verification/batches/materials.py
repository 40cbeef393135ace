"""What is brought to the counter (notice 二(一)1–7), and which of it a batch's people and their hours need."""

from __future__ import annotations

from luojiang_ce.access import Actor, Role
from luojiang_ce.files.materials import Material as Line

from .models import Batch, Material

# The scan of 附件4 with the unit's stamp (product.md S5); the paper itself is handed in at the counter.
STAMPED_FORM = "form4"

_HELP = {
    Material.CERTIFICATE: "柜台查验原件；首次发证的除外",
    Material.ANNOUNCEMENT: "参加培训的通知文件，可提前上传",
    Material.ENROLMENT: "经单位同意并加盖公章",
    Material.PAYMENT: "需缴费培训的项目附上",  # notice 二(一)4
    Material.DEGREE: "录取通知书、报名缴费凭证、毕业证书或当年度科目成绩合格证书等",
    Material.PAPER: "以论文计算学时或学分的，须事先办好确认手续",
    Material.OTHER: "其他需要说明的佐证材料",  # notice 二(一)7
}


def _not_asked(batch: Batch) -> bool:
    """Nothing has to be uploaded: the notice asks to bring the papers along (二(一))."""
    return False


LINES = (
    Line(STAMPED_FORM, "盖章的花名册扫描件", "打印附件4盖章后扫描；纸质件到柜台递交", "附件4", required=_not_asked),
    *(
        Line(material.value, f"{number}. {material.label}", _HELP[material], f"二(一){number}", required=_not_asked)
        for number, material in enumerate(Material, 1)
    ),
)


def may_change(batch: Batch, account: Actor) -> bool:
    """The filing unit, until everybody is settled."""
    open_states = (Batch.State.DRAFT, Batch.State.RETURNED, Batch.State.IN_REVIEW, Batch.State.SUBMITTED)
    return batch.state in open_states and batch.unit_id in account.unit_ids(Role.UNIT_CLERK)


def needed(batch: Batch) -> list[Material]:
    """What has to be looked at before the batch is finished, in the order of the notice."""
    forms = {form for _, forms, _ in batch.asked for form in forms}
    asked = {
        Material.CERTIFICATE: any(has_booklet for has_booklet, _, _ in batch.asked),  # notice 二(一)1
        Material.ANNOUNCEMENT: bool(forms),  # notice 二(一)2
        Material.ENROLMENT: bool(forms),  # notice 二(一)3
        Material.PAYMENT: any(paid for _, _, paid in batch.asked),  # notice 二(一)4
        Material.DEGREE: "degree" in forms,  # notice 二(一)5
        Material.PAPER: "paper" in forms,  # notice 二(一)6
    }
    return [material for material, is_asked in asked.items() if is_asked]
