"""The shell: processes, cameras, the lane loop, the store, the pages and the one composition root."""
