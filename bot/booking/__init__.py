"""Openings, holds, appointments, the waiting list, and calendar files."""
