"""The pure core: declarations, items, events, commands and the conversation machine. No I/O, no clock."""
