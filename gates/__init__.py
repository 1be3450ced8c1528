"""The gates: thresholds from gates.toml, measured in BigQuery, decided as GO or NO-GO."""
