"""Roles; who may see and do what; the registry that the URL test walks."""
