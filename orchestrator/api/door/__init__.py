"""The door: an OpenAI-compatible entrance for clients that speak the Realtime protocol."""
