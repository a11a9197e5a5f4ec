"""Drawings of the indicators in one style: pure functions from results to pictures."""
