"""GO or NO-GO: verdicts, decisions, their records and what earlier ones were."""
