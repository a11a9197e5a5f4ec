"""The generated pages of docs/: formulas, glossary, ledgers, and the picture of the house."""
