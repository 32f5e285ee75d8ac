"""The offline demo brain: a matcher over the session's tools, without any model."""
