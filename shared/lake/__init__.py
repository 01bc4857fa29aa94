"""The lake: datasets as Parquet blobs in a folder or in Azure, written by compare-and-swap, read by DuckDB."""
