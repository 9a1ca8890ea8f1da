"""The parts of `supajobs setup`: from an empty project to a job that has been run."""
