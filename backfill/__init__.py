"""The Phase 4 backfill: which dates it still owes, by what the tables hold."""

from gates.program import end_quietly_on_ctrl_c

# Before anything that takes long to import.
end_quietly_on_ctrl_c()
