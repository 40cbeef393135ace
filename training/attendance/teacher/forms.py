"""What a clerk says of a link: to whom it is given, and for which days."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms

from luojiang_ce.home.forms import BaseForm
from training.classes.models import ClassApplication


class LinkForm(BaseForm):
    """Left empty, the days are those of the class."""

    holder = forms.CharField(label="交给谁", max_length=50, help_text="班主任的姓名，登记的签到会写明由谁点的")
    first_day = forms.DateField(label="从哪天起", required=False, help_text="留空为开班那天")
    last_day = forms.DateField(label="到哪天止", required=False, help_text="留空为结束那天；过了这天链接打不开")
    page = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, application: ClassApplication, **kwargs: Any) -> None:
        initial = {"holder": application.class_teacher, "page": secrets.token_urlsafe()}
        super().__init__(*args, initial=initial, **kwargs)
