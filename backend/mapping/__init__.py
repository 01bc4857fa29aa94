"""Mapping: raw GitHub objects, however they came in, to rows of the datasets."""
