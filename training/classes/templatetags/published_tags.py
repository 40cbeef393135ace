"""The words of the public page of published classes."""

from django import template

from training.classes.published import fee_of

register = template.Library()
register.filter("fee", fee_of)
