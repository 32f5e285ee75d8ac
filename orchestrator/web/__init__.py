"""Pages on which people read, hear and run conversations: templates, static modules, and their handlers."""
