#!/usr/bin/env bash
# DuckDB 1.5.5.
#
# Behaviour: a text with an exponent becomes a DECIMAL by rules of its own. '1.2345e2' as DECIMAL(4, 2) is 123.40, a value
# that the type cannot hold and the text does not say, and no error; TRY_CAST gives it too, and it stands in a table. The same
# number without an exponent, '123.45', is refused, as it should be. '9.9999e1' is 99.99 where '99.999' is refused, because it
# rounds to 100. And '12345e-1' is refused as DECIMAL(5, 1), whose largest value is eight times as large, as is '1.0000000e4',
# while '1.00e4' is taken.
#
# Why one would guess otherwise: a cast either gives the number, rounded to the type's scale, or fails, and how the number is
# written does not matter: '1e3' and '1000' are the same. Python's str of a float has an exponent from 1e16 on and below 1e-4,
# so texts of this form come from any column of floats that goes through text.
#
# Output seen:
#   1.2345e2 as DECIMAL(4,2): 123.40
#   123.45 as DECIMAL(4,2): refused
#   9.9999e1 as DECIMAL(4,2): 99.99
#   99.999 as DECIMAL(4,2): refused
#   12345e-1 as DECIMAL(5,1): refused
#   1234.5 as DECIMAL(5,1): 1234.5
#   1.00e4 as DECIMAL(5,1): 10000.0
#   1.0000000e4 as DECIMAL(5,1): refused
#   5.0504045549e9 as DECIMAL(18,9): 5050404554.900000000
#   5050404554.9 as DECIMAL(18,9): refused
#   TRY_CAST of 1.2345e2 as DECIMAL(4,2): 123.40
#   stored as DECIMAL(4,2), and more than 99.99: 123.40
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check duckdb==1.5.5
cat > casts.py <<'PYTHON'
import duckdb

CASTS = [
    ("1.2345e2", "DECIMAL(4,2)"),
    ("123.45", "DECIMAL(4,2)"),
    ("9.9999e1", "DECIMAL(4,2)"),
    ("99.999", "DECIMAL(4,2)"),
    ("12345e-1", "DECIMAL(5,1)"),
    ("1234.5", "DECIMAL(5,1)"),
    ("1.00e4", "DECIMAL(5,1)"),
    ("1.0000000e4", "DECIMAL(5,1)"),
    ("5.0504045549e9", "DECIMAL(18,9)"),
    ("5050404554.9", "DECIMAL(18,9)"),
]
connection = duckdb.connect()
for text, kind in CASTS:
    try:
        (found,) = connection.execute(f"SELECT CAST('{text}' AS {kind})").fetchone()
    except duckdb.ConversionException:
        found = "refused"
    print(f"{text} as {kind}: {found}")
(found,) = connection.execute("SELECT TRY_CAST('1.2345e2' AS DECIMAL(4,2))").fetchone()
print(f"TRY_CAST of 1.2345e2 as DECIMAL(4,2): {found}")
connection.execute("CREATE TABLE held (value DECIMAL(4,2))")
connection.execute("INSERT INTO held SELECT '1.2345e2'")
(found,) = connection.execute("SELECT value FROM held WHERE value > 99.99").fetchone()
print(f"stored as DECIMAL(4,2), and more than 99.99: {found}")
PYTHON
venv/bin/python casts.py | tee seen

cat > expected <<'TEXT'
1.2345e2 as DECIMAL(4,2): 123.40
123.45 as DECIMAL(4,2): refused
9.9999e1 as DECIMAL(4,2): 99.99
99.999 as DECIMAL(4,2): refused
12345e-1 as DECIMAL(5,1): refused
1234.5 as DECIMAL(5,1): 1234.5
1.00e4 as DECIMAL(5,1): 10000.0
1.0000000e4 as DECIMAL(5,1): refused
5.0504045549e9 as DECIMAL(18,9): 5050404554.900000000
5050404554.9 as DECIMAL(18,9): refused
TRY_CAST of 1.2345e2 as DECIMAL(4,2): 123.40
stored as DECIMAL(4,2), and more than 99.99: 123.40
TEXT
diff expected seen || { echo "changed: how a text with an exponent becomes a DECIMAL"; exit 1; }
