"""Makes the Parquet files beside it. Written with pyarrow 26.0.1."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent

works = pa.table(
    {
        "id": ["a", "b", None, "d", "a"],
        "title": ["One", None, "No id", "Four", "Again"],
        "text": ["The rose is red.\n", "Die Wörter \u2014 \U0001f339", "text", " ", "used before"],
        "year": pa.array([1848.0, float("nan"), 1850.0, 1851.0, 1852.0]),
        "author": pa.array(["Ann", "Bob", "Ann", "Ann", "Ann"]).dictionary_encode(),
        "tags": pa.array([["x"], [], ["y", "z"], None, []]),
    }
)
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(works, HERE / f"{codec}.parquet", compression=codec)

pq.write_table(pa.table({"name": ["a"], "content": ["text"]}), HERE / "columns.parquet")
pq.write_table(pa.table({"id": [1, 2], "text": ["a", "b"]}), HERE / "numbers.parquet")
pq.write_table(pa.table({"id": ["a"], "text": [["b"]]}), HERE / "lists.parquet")
pq.write_table(
    pa.table({"id": ["a", "b"], "text": pa.array([b"\xff", b"good"], pa.binary())}),
    HERE / "bytes.parquet",
)
whole = (HERE / "snappy.parquet").read_bytes()
(HERE / "cut.parquet").write_bytes(whole[: len(whole) // 2])
