"""Notices: the in-application inbox; outbox and channels come with the deadlines that hold by themselves."""
