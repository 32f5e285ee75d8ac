"""The embedded engine: a Realtime server of our own, offline."""
