"""How forms are laid out and how their errors are summed up; sign-in and password forms."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, LayoutObject
from crispy_forms.utils import render_field
from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from luojiang_ce.home.lists import NO_CHOICE
from luojiang_ce.typed import PLAUSIBLE, SoundTextsMixin

CHOOSE = "请选择"
FILE_LOST = "选好的文件没有留下，请再选一次"  # no browser gives a file back to a page that was refused


@dataclass(frozen=True)
class FormError:
    """One thing that is wrong: the sentence, the id of its field (empty: the whole form), the section it is in."""

    text: str
    anchor: str = ""
    where: str = ""


@dataclass(frozen=True)
class Section:
    """A group of fields with a heading; becomes a panel. `foot`: a template below the fields that is given the form."""

    title: str
    fields: Sequence[str]
    note: str = ""
    foot: str = ""


def fields_of(sections: Sequence[Section]) -> list[str]:
    """The fields of all sections, in the order of the page: what a model's form asks for."""
    return [name for section in sections for name in section.fields]


class SectionPanel(LayoutObject):  # type: ignore[misc]  # crispy-forms has no types
    """A panel with a grid of fields, from templates/parts/form_section.html."""

    template = "parts/form_section.html"

    def __init__(self, section: Section, fields: Sequence[Field]) -> None:
        self.section = section
        self.fields = list(fields)

    def render(self, form: forms.BaseForm, context: Any, **kwargs: Any) -> SafeString:
        inner = "".join(render_field(field, form, context, **kwargs) for field in self.fields)
        if self.section.foot:
            inner += render_to_string(self.section.foot, {"form": form})
        return mark_safe(render_to_string(self.template, {"section": self.section, "inner": mark_safe(inner)}))  # noqa: S308


class ToggleMixin:
    """A step whose opposite is at the same address says which state it was shown in: a second click undoes nothing."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, now: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"] = forms.CharField(required=False, initial=now, widget=forms.HiddenInput)
        self.now = now

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc,attr-defined]
        if data.pop("shown", "") not in ("", self.now):
            raise forms.ValidationError("刚才已经办理过了，没有重复办理；请返回看现在的状态")
        return data


PICKERS = {
    forms.DateTimeInput: ("datetime-local", "%Y-%m-%dT%H:%M"),
    forms.DateInput: ("date", "%Y-%m-%d"),
    forms.TimeInput: ("time", "%H:%M"),
}


def use_pickers(fields: dict[str, forms.Field]) -> None:
    """Dates and times become the browser's own pickers, which read ISO only, whatever the language of the page; a
    year that cannot be meant is pointed out."""
    for field in fields.values():
        if type(field.widget) in PICKERS:
            field.widget.input_type, field.widget.format = PICKERS[type(field.widget)]
        if isinstance(field, forms.DateField):
            field.validators = [*field.validators, *PLAUSIBLE]


class Suggesting(forms.TextInput):
    """A text of which the usual ones can be chosen; any other is typed."""

    template_name = "django/forms/widgets/suggesting.html"

    def __init__(self, suggestions: Sequence[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"{context['widget']['attrs'].get('id') or name}-suggestions"
        return context | {"suggestions": self.suggestions}


def ask_to_choose(fields: Mapping[str, forms.Field]) -> None:
    """A list in which nothing is chosen yet says 请选择, not dashes."""
    for field in fields.values():
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = CHOOSE if field.empty_label == NO_CHOICE else field.empty_label
        elif isinstance(field, forms.ChoiceField) and isinstance(field.widget, forms.Select):
            choices: list[Any] = list(field.choices)  # type: ignore[arg-type]  # iterable once it is set
            if choices and choices[0] == ("", NO_CHOICE):
                field.choices = [("", CHOOSE), *choices[1:]]


class SectionsMixin:
    """Give a form `sections` and `widths` (twelfths: 3, 4, 6, 8, 12); {% crispy form %} does the rest.

    A form without sections is one grid without a panel of its own.
    """

    sections: Sequence[Section] = ()
    widths: dict[str, int] = {}
    default_width = 6
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        use_pickers(self.fields)
        ask_to_choose(self.fields)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.include_media = False
        helper.form_show_errors = True
        helper.layout = Layout(*self._panels())
        return helper

    def _panels(self) -> Iterator[SectionPanel]:
        placed = fields_of(self.sections)
        for section in self.sections:
            if fields := self._wide(name for name in section.fields if name in self.fields):
                yield SectionPanel(section, fields)
        rest = [name for name in self.fields if name not in placed]
        if rest:
            yield SectionPanel(Section("", rest), self._wide(rest))

    def _wide(self, names: Iterable[str]) -> list[Field]:
        return [Field(name, wrapper_class=f"w{self.widths.get(name, self.default_width)}") for name in names]


class BaseForm(SoundTextsMixin, SectionsMixin, forms.Form):
    """A plain form laid out in sections."""


class BaseModelForm(SoundTextsMixin, SectionsMixin, forms.ModelForm):
    """A model's form laid out in sections."""


def mark_needed(field: forms.Field) -> None:
    """May be left empty in a draft, yet is not optional: its label does not say 选填."""
    field.needed = True  # type: ignore[attr-defined]


def collect_errors(*filled: object) -> list[FormError]:
    """Every error of the forms and formsets, in the order of the page; lists of them and empty places are fine."""
    return [error for one in _flat(filled) if one.is_bound for error in _errors_of(one)]


def holds_typing(*filled: object) -> bool:
    """Does a page that is shown again hold what was typed? Passwords and files never come back, and one box alone is
    ticked again (static/js/typed.js keeps neither)."""
    forms_of = (one.forms if isinstance(one, forms.BaseFormSet) else [one] for one in _flat(filled))
    widgets = [bound.field.widget for rows in forms_of for form in rows for bound in form.visible_fields()]
    kept = [each for each in widgets if not isinstance(each, (forms.PasswordInput, forms.FileInput))]
    return len(kept) > 1 or any(not isinstance(each, forms.CheckboxInput) for each in kept)


def _flat(filled: Iterable[object]) -> Iterator[forms.BaseForm | forms.BaseFormSet]:
    for one in filled:
        if isinstance(one, (forms.BaseForm, forms.BaseFormSet)):
            yield one
        elif isinstance(one, (list, tuple)):
            yield from _flat(one)


def _errors_of(one: forms.BaseForm | forms.BaseFormSet) -> Iterator[FormError]:
    if isinstance(one, forms.BaseFormSet):
        yield from (FormError(str(text)) for text in one.non_form_errors())
        for number, form in enumerate(one.forms, start=1):
            yield from _form_errors(form, f"第 {number} 行")
    else:
        yield from _form_errors(one, "")


def _form_errors(form: forms.BaseForm, row: str) -> Iterator[FormError]:
    yield from (FormError(str(text), where=row) for text in form.non_field_errors())
    files_lost = {name for name in form.fields if form.add_prefix(name) in form.files} if form.errors else set()
    sections = {name: section.title for section in getattr(form, "sections", ()) for name in section.fields}
    for name in form.fields:
        texts = form.errors.get(name) or ([FILE_LOST] if name in files_lost else [])
        if texts:
            field = form[name]
            anchor = field.id_for_label or f"div_{field.auto_id}"
            where = row or sections.get(name, "")
            label = str(field.label)
            for text in map(str, texts):
                yield FormError(text if label in text else f"{label}：{text}", anchor, where)
