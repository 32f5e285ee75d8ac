"""The Realtime wire protocol: codec, client connection, dialects."""
