"""What is refused in whatever kind of file it stands."""

from __future__ import annotations

# Written apart, else this file would be taken for infected itself (eicar.org: what every scanner finds, and is none).
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"
EMPTY = "是空文件，请检查后重新选择"
MACROS = "带有宏（可以自动运行的程序），没有收下。请另存为不带宏的文件再上传；能交 PDF 的，也可以导出为 PDF"
LOCKED = "加了密码，读不了，没有收下。请取消密码后另存，再上传"
HOLDS_FILES = "里面嵌着别的文件，没有收下。请删去嵌入的文件，需要的单独上传；能交 PDF 的，也可以导出为 PDF"
DAMAGED = "打不开，文件可能已损坏或没有下载完整，没有收下。请重新导出或另存后再上传"


class Refused(Exception):
    """Why a file is not taken and what to do: a sentence that goes on after its name."""
