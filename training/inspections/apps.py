"""Inspections (监督检查, product.md I1-I3) have their place in the layers and nothing in it yet.

Their findings reach recognition through `Exclusion` and the ledger through counter-entries, downwards only.
"""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """An app without models until inspections are built: its label is taken."""

    name = "training.inspections"
    label = "training_inspections"
    verbose_name = "监督检查"
