"""Two kinds of seasons: tidy ones, or such as the platform's own papers describe."""

# What a warehouse is filled with unless it is told otherwise.
TIDY = True
# From this season on the platform lists whole rosters, and Phase 4 writes earlier in a season.
WHOLE_ROSTERS = 2025
