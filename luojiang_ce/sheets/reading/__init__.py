"""Any file that people call a workbook, as tables of plain values; what cannot be read says why."""

from .apart import Reading, tables_apart
from .package import Limits
from .workbook import MAX_FILE_BYTES, open_tables

__all__ = ["MAX_FILE_BYTES", "Limits", "Reading", "open_tables", "tables_apart"]
