"""`/conversations`: the list, its filters, and the filters that people keep."""
