"""Parameters, method, rules and registry: YAML read into typed models."""
