"""What OpenAI's SDKs expect beside the Realtime socket: conversations, models, hanging up."""
