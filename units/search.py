"""Finding people (product.md U5): name, pinyin, initials, unit, last four of the ID, certificate number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from luojiang_ce.filters import WordsFilter, words_in
from luojiang_ce.sheets.cells import clean_id, clean_name
from luojiang_ce.words import squeezed
from units.identity import id_numbers
from units.models import Certificate, Employment, Person, Unit

_LAST_FOUR = re.compile(r"[0-9]{3}[0-9X]")
_WHOLE_ID = re.compile(r"[0-9]{17}[0-9X]")


def search_people(people: QuerySet[Person], text: str, *, with_units: bool = False) -> QuerySet[Person]:
    """The people that the words mean, all of them at once: `wxm 2021`. `with_units`: a word may name the unit too."""
    for word in words_in(clean_name(text)):
        people = people.filter(_means(word, with_units))
    return people


class PeopleWordsFilter(WordsFilter):
    """The search box of a list of what is about a `person`: what finds the person finds it, or one of the columns.

    Of people whom the reader may not see (any more) a list shows the name, and nothing else finds them: what is typed
    would tell the rest letter by letter.
    """

    def meant(self, value: str) -> Q:
        """What a row must fulfil."""
        seen = Person.objects.visible_to(self.parent.request.user)
        by_name = named(clean_name(value), "person__name")
        return super().meant(value) | by_name | Q(person__in=search_people(seen, value).values("pk"))


def units_named(typed: Iterable[str]) -> dict[str, Unit]:
    """The unit of the district that each of these names means, by full or short name; what means none is left out.

    Blanks, wide characters and a leading 福建省, 泉州市 do not matter; a merged unit is the one it went into; a name
    that two units have means none, and so does one above the district. One query.
    """
    meant: dict[str, set[Unit]] = defaultdict(set)
    for unit in Unit.objects.filter(level=Unit.Level.DISTRICT).select_related("merged_into"):
        for name in filter(None, (unit.name, unit.short_name)):
            meant[_bare(name)].add(unit.merged_into or unit)
    found = {name: meant.get(_bare(name), set()) for name in set(typed)}
    return {name: next(iter(units)) for name, units in found.items() if len(units) == 1}


def _bare(name: str) -> str:
    return squeezed(name).removeprefix("福建省").removeprefix("泉州市")


def named(text: str, field: str = "name") -> Q:
    """In whose name the text stands: a full stop and · are both kept as they were typed, and mean the same."""
    found = Q()
    for spelt in {text, text.replace(".", "·"), text.replace("·", ".")}:
        found |= Q(**{f"{field}__icontains": spelt})
    return found


def _means(word: str, with_units: bool) -> Q:
    number = clean_id(word).upper()
    booklets = Certificate.objects.filter(number__istartswith=number)
    found = named(word) | Q(pk__in=booklets.values("person"))
    if _WHOLE_ID.fullmatch(number):
        return Q(id_hash=id_numbers.lookup_hash(number))
    if _LAST_FOUR.fullmatch(number):
        found |= Q(id_last4_hash=id_numbers.lookup_hash(number))
    if word.isascii() and word.isalpha():
        # Readings stand behind one another, parted by blanks: a search begins at the beginning of one.
        for field in ("pinyin", "initials"):
            found |= Q(**{f"{field}__startswith": word.lower()}) | Q(**{f"{field}__contains": f" {word.lower()}"})
    if with_units:
        of_unit = Q(unit__name__icontains=word) | Q(unit__short_name__icontains=word)
        found |= Q(pk__in=Employment.objects.filter(of_unit, ended_on=None).values("person"))
    return found
