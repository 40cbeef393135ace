"""docs/workflows.md, drawn from the workflow tables; a test fails when the file is stale."""

from __future__ import annotations

from collections.abc import Iterator

from .case_kind import CaseKind, Workflow, kinds_with_a_table

HEAD = """# Workflows

Generated from the tables by `python manage.py draw_workflows`; do not edit. An arrow carries its name, its label and
who may fire it.
"""


def document() -> str:
    """The whole file."""
    kinds = sorted(kinds_with_a_table(), key=lambda pair: pair[0].key)
    drawn = ("\n".join(_section(*pair)) for pair in kinds)
    return "\n".join([HEAD, *drawn])


def _section(kind: CaseKind, workflow: Workflow) -> Iterator[str]:
    meta = kind.model._meta
    labels = dict(meta.get_field("state").flatchoices)
    yield f"## {meta.verbose_name} `{meta.label_lower}`\n"
    yield "```mermaid\nstateDiagram-v2"
    yield from (f'    state "{labels[state]}" as {state}' for state in workflow.states)
    yield f"    [*] --> {meta.get_field('state').default}"
    for transition in workflow.transitions:
        for source in transition.sources:
            yield f"    {source} --> {transition.target}: {transition.name} {transition.label} ({transition.who.label})"
    yield "```\n"
