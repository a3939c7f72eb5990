"""Openings, holds, appointments and calendar files."""
