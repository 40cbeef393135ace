"""Whole years played through the product's own services, with the clock set and the worker's schedule run nightly."""
