"""业务主管部门意见 (附件2): what a supervising authority thinks of a case that a unit of its system has filed.

Whatever the kind of case: a kind says with `take_opinions` in which states. The notice does not ask for it, so nothing
waits for it.
"""
