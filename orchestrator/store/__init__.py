"""Tables, statements, embedded Postgres."""
