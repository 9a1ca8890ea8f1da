"""Runs jobs: claim, handle, settle."""
