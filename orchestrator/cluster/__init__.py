"""Who owns a conversation, and how a command reaches the owner."""
