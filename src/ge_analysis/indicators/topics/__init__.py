"""From ledgers to indicators, one module per topic: each returns the topic's `Tally` for one place."""
