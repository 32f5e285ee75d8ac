"""The agents that ship: a front desk, a pizzeria, and someone who takes messages."""
