"""The socket half of the embedded engine: handshakes, connections, pace."""
