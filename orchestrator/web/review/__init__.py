"""The review page: a stored conversation as one clock, from rows to a view model, without I/O."""
