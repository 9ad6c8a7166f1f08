"""The shell: processes, cameras, the lane loop, the store, the pages, and one composition root."""
