"""What `supajobs doctor` looks at; each check says how it is, and what to do about it."""
