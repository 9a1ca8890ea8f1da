"""The operator's page at /dashboard: who may see it, and what it asks for."""
