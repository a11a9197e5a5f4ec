"""From a number to its rows, and from one state of a study to another."""
