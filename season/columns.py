"""Arrow columns and tables of the types that a BigQuery schema asks for."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from season.arrays import Bools, Ints

# A column is an array (NaN is NULL), an Arrow array, or one value for all rows.
Column: TypeAlias = (
    npt.NDArray[Any] | pa.Array | pa.ChunkedArray | str | bool | int | float | datetime | date
)
Columns = Mapping[str, Column]
SECONDS_A_DAY = 86_400
MICROSECONDS = 1_000_000
_TYPES = {
    "STRING": pa.string(),
    "JSON": pa.string(),
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", "UTC"),
}


class Schemas:
    """The schema files of a folder, by `dataset.table`."""

    def __init__(self, folder: Path) -> None:
        self._fields: dict[str, list[dict[str, Any]]] = {}
        for file in sorted(folder.glob("*.json")):
            content = json.loads(file.read_text(encoding="utf-8"))
            self._fields[content["table"]] = content["schema"]

    @property
    def tables(self) -> list[str]:
        """`dataset.table` of each file."""
        return list(self._fields)

    def conform(self, table: str, columns: Columns, rows: int) -> pa.Table:
        """All columns of `table`, typed; those that are not given are NULL or empty.

        Raises ValueError for a column that the schema lacks and for NULL where it is REQUIRED.
        """
        fields = self._fields[table]
        if unknown := columns.keys() - {field["name"] for field in fields}:
            raise ValueError(f"{table} has no column {min(unknown)}, expected those of its schema.")
        types = [
            pa.field(field["name"], _type(field), nullable=_nullable(field)) for field in fields
        ]
        arrays = [_array(columns.get(f.name), f.type, rows) for f in types]
        for field, array in zip(types, arrays, strict=True):
            if not field.nullable and array.null_count:
                raise ValueError(f"{table}.{field.name} is NULL in a row, but it is REQUIRED.")
        return pa.Table.from_arrays(arrays, schema=pa.schema(types))


def _nullable(field: Mapping[str, Any]) -> bool:
    return bool(field.get("mode") != "REQUIRED")


def _type(field: Mapping[str, Any]) -> pa.DataType:
    if field["type"] == "NUMERIC":
        found = pa.decimal128(int(field["precision"]), int(field["scale"]))
    elif field["type"] == "RECORD":
        found = pa.struct([(inner["name"], _type(inner)) for inner in field["fields"]])
    else:
        found = _TYPES[field["type"]]
    return pa.list_(found) if field["mode"] == "REPEATED" else found


def _array(values: Column | None, type_: pa.DataType, rows: int) -> pa.Array:
    if values is None:
        return _lists(rows, type_) if pa.types.is_list(type_) else pa.nulls(rows, type_)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values if values.type == type_ else values.cast(type_)
    if isinstance(values, float) and pa.types.is_decimal(type_):
        values = np.full(rows, values)
    if not isinstance(values, np.ndarray):
        return pa.repeat(pa.scalar(values, type_), rows)
    missing = np.isnan(values) if values.dtype.kind == "f" else None
    if pa.types.is_decimal(type_):
        return _decimals(values, missing, type_)
    if missing is not None and not pa.types.is_floating(type_):
        values = np.where(missing, 0, values).astype(np.int64)
    if pa.types.is_date(type_):
        values = values.astype(np.int32)
    return pa.array(values, mask=missing).cast(type_)


def _lists(rows: int, type_: pa.DataType) -> pa.Array:
    """Empty lists."""
    offsets = pa.array(np.zeros(rows + 1, dtype=np.int32))
    return pa.ListArray.from_arrays(offsets, pa.array([], type_.value_type))


def _decimals(
    values: npt.NDArray[Any], missing: Bools | None, type_: pa.Decimal128Type
) -> pa.Array:
    """Rounded half to even; 128 bits a value, the lower 64 first."""
    if missing is None:
        missing = np.zeros(len(values), dtype=np.bool_)
    # The small nudge undoes what binary fractions take from a half.
    scaled = np.rint(np.where(missing, 0, values) * 10**type_.scale + 1e-9).astype(np.int64)
    if np.abs(scaled).max(initial=0) >= 10**type_.precision:
        raise ValueError(f"A value is too large for {type_}, expected {type_.precision} digits.")
    bits = np.stack([scaled, scaled >> 63], axis=1)
    validity = pa.array(~missing).buffers()[1]
    return pa.Array.from_buffers(type_, len(values), [validity, pa.py_buffer(bits.tobytes())])


def take(values: Sequence[str] | pa.Array, places: Ints) -> pa.Array:
    """The texts at `places`; NULL where a place is negative."""
    if not isinstance(values, pa.Array):
        values = pa.array(values, pa.string())
    return values.take(pa.array(places, mask=places < 0))


def lists(values: Sequence[str], places: Ints) -> pa.Array:
    """A list of the one text at each of `places`, an empty one where a place is negative."""
    offsets = np.concatenate([[0], np.cumsum(places >= 0)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), take(values, places[places >= 0]))


def where(present: Bools, column: Column) -> pa.Array:
    """`column` where `present`, else NULL."""
    if isinstance(column, np.ndarray):
        column = pa.array(column)
    value = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.scalar(column)
    return pc.if_else(pa.array(present), value, None)


def stamps(days: Ints, seconds: Ints | int) -> pa.Array:
    """TIMESTAMPs: days since 1970-01-01 and seconds after that day began, in UTC."""
    times = (days * SECONDS_A_DAY + seconds) * MICROSECONDS
    return pa.array(times).cast(pa.timestamp("us", "UTC"))


def hashes(*parts: npt.NDArray[Any]) -> pa.Array:
    """Sixteen hexadecimal digits for each row, from the row's values in `parts`."""
    state = np.full(len(parts[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for part in parts:
        state = _mixed(state ^ part.astype(np.int64).view(np.uint64))
    pairs = _HEX[state.astype(">u8").view(np.uint8).reshape(-1, 8)]
    return pa.array(np.ascontiguousarray(pairs).view("S16").ravel()).cast(pa.string())


def fractions(*parts: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """A number from 0 to 1 for each row that depends on the row's values alone."""
    state = np.full(len(parts[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for part in parts:
        state = _mixed(state ^ part.astype(np.int64).view(np.uint64))
    return np.asarray((state >> np.uint64(11)) / float(1 << 53))


_HEX = np.array([f"{byte:02x}" for byte in range(256)], dtype="S2")


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finisher of SplitMix64: every bit of the input reaches every bit of the output."""
    state = (state + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(state ^ (state >> np.uint64(31)))
