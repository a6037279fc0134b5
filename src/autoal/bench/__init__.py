"""Benchmarks: runs of many seeds, their statistics and pictures."""
