"""The Phase 4 backfill: which dates it still owes, by what the tables hold."""
