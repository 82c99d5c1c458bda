"""Tests of the policy evaluator: tables, properties, and a comparison with another evaluator."""
