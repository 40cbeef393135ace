"""The counter stands in the season of the batches that come to it."""

from tests.verification.batches.conftest import at as at
