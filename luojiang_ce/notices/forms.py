"""What an account wants by e-mail."""

from django import forms

from .models import Preference


class PreferenceForm(forms.ModelForm):
    """Kinds of notices that are sent by e-mail too."""

    class Meta:
        model = Preference
        fields = ("progress", "reminder")
