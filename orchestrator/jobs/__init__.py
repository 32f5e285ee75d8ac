"""Work that no caller waits for, in a process of its own."""
