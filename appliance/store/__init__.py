"""One file per aggregate: verb_noun functions and their SQL."""
