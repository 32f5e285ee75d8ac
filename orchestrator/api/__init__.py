"""Litestar controllers: the door, admin, conversations, health."""
