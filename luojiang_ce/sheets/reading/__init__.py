"""Any file that people call a workbook, as tables of plain values; what cannot be read says why."""

from .package import Limits
from .workbook import MAX_FILE_BYTES, open_tables

__all__ = ["MAX_FILE_BYTES", "Limits", "open_tables"]
