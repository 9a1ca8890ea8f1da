"""What jobs and tools do: a package per family, and what loads them."""
