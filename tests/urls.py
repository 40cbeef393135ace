"""The product's addresses, and those of the kind of case that only the tests have (tests/toy)."""

from django.urls import include, path

from luojiang_ce.urls import handler500 as handler500
from luojiang_ce.urls import urlpatterns as product

urlpatterns = [*product, path("toys/", include("tests.toy.pages"))]
