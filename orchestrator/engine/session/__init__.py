"""The pure half of the embedded engine: one session's state, events in and events out."""
