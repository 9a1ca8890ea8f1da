"""A package, so that what is of the scope `package` ends with it, not with the session."""
