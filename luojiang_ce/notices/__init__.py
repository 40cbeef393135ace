"""Notices: the inbox, and the outbox that carries them further, by e-mail and to chat groups."""
