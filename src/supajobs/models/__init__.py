"""Which language model answers, with whose key, and what it costs."""
