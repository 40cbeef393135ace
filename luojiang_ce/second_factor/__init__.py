"""Beside the password: the codes of an app on the own phone (RFC 6238), and recovery codes for when it is lost."""
