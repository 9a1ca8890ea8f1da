"""Projects: what a repository tells of its plan and of its maker's skills."""
