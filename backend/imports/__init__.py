"""Imports: exports of real data, in whatever form they come, into the lake."""
