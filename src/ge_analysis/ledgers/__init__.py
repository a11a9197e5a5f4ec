"""From raw workbooks to typed tables: contracts, reading, issues, corrections."""
