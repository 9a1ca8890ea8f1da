"""supajobs beside other Postgres queues and beside what Postgres itself costs."""
