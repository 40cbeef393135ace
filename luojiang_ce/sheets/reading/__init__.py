"""Any file that people call a workbook, as tables of plain values; what cannot be read says why."""

from .workbook import MAX_FILE_BYTES, declared_size, open_tables

__all__ = ["MAX_FILE_BYTES", "declared_size", "open_tables"]
