"""The gates: thresholds from gates.toml, measured in BigQuery, decided as GO or NO-GO."""

from gates.program import end_quietly_on_ctrl_c

end_quietly_on_ctrl_c()
