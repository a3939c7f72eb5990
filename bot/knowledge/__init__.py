"""What the assistant knows, as reviewed YAML, and the loader that refuses bad content."""
