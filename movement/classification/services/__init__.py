"""Writes of classification, one module for each part of the year."""
