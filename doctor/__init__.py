"""What must hold before a run on a target, looked at without writing anything or costing anything.

machine.py: Python, environments, disk, ports, logs. credentials.py: whose they are. warehouse.py:
tables, roles, jobs, the server's clock. service.py: the Phase 4 service.
"""
