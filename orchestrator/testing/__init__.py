"""Scripted engine, simulated caller, pytest plugin: for our tests and for users' own."""
