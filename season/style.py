"""Two kinds of seasons: such as the platform's own papers describe, or tidy ones."""

# What a warehouse is filled with unless it is told otherwise.
TIDY = False
# From this season on the platform lists whole rosters, and Phase 4 writes earlier in a season.
WHOLE_ROSTERS = 2025
