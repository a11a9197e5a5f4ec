"""A study of another city, the next year of a study, and the package's files that a study customises."""
