"""Core: the process that owns the doors. Never imports cv2 or a model."""
