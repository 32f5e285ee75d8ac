"""The page on which a person talks to an agent."""
