"""The chat brain: any OpenAI-compatible chat completions endpoint behind a Realtime session."""
