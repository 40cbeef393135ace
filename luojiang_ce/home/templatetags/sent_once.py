"""Every form with a CSRF token carries a key of its own too, which says to whom it was shown (settings.TEMPLATES
builtins)."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from luojiang_ce.home.sent_once import KEY, new_key

register = template.Library()


class KeyedNode(CsrfTokenNode):
    """Django's token; and the key."""

    def render(self, context: Any) -> SafeString | str:
        token = super().render(context)
        shown_to = getattr(context.get("request"), "user", None)
        key = '{}<input type="hidden" name="{}" value="{}">'
        return format_html(key, token, KEY, new_key(shown_to)) if token else token


@register.tag
def csrf_token(parser: Any, token: Any) -> KeyedNode:
    """Instead of Django's."""
    return KeyedNode()
