"""The embedded Phase 4 service: POST /process-date on the embedded warehouse.

It answers as the platform's service does and really writes Phase 4; ordered faults make it fail in
the ways in which the real one fails.
"""
