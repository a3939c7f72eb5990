"""Psoas: everything the assistant knows, decides, stores and shows, one room to a job."""
