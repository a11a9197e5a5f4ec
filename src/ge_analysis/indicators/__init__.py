"""Pure functions from ledgers and numbers to indicators: no file, no path, no plot, no printed label."""
