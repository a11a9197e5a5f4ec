"""The runner: executes the notebooks of stale places, in parallel, and loses nothing when one of them fails."""
