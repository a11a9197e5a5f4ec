"""From ledgers to indicators, one module a topic: each returns the topic's `Results` for one place."""
