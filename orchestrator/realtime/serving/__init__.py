"""The server's side of the wire: what clients may send, checked, and how refusals are told."""
