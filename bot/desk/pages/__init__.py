"""The pages that patients see."""
