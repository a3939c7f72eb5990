"""Keeping what patients wrote no longer than needed: retention, erasure, the audit, and switching channels off."""
