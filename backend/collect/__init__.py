"""Collecting: pulls repositories, workflows, runs and alerts from GitHub into the lake, bit by bit."""
