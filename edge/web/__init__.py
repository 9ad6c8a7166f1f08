"""The guard's pages and the lane screens: a process of its own, reached by browsers only."""
