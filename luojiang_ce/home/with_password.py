"""What changes how an account is opened asks for its password once more."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from luojiang_ce.home.form_page import posted
from luojiang_ce.home.forms import SectionsMixin
from luojiang_ce.home.sign_in import present_password


class WithPassword(SectionsMixin, forms.Form):
    """Asks for the password of who is signed in, so that an open screen alone changes nothing."""

    default_width = 12
    password = forms.CharField(
        label="现在的密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="再输一次登录密码，确认是本人操作",
    )

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(posted(request))
        self.request = request

    def clean_password(self) -> str:
        return present_password(self.request, self.cleaned_data["password"])
