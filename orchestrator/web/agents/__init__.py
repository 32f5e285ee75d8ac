"""`/agents`: who there is, how they do, what they can, and what was changed of them."""
