"""The tools and the state of the agents that ship: a pizzeria's menu, cart, orders and messages."""
