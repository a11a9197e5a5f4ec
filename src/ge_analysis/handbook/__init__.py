"""The pages of docs/ that are generated: formulas, glossary, ledgers, and the picture of the house."""
