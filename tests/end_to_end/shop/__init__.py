"""A bakery with two agents: small, and with a tool of every kind that the tests need."""
