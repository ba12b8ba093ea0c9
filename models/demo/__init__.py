"""The small demo speech model: synthetic voices, grammar, training recipe and evaluation."""
