"""Paperwork."""
