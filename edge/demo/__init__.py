"""The demo: a compound on one machine, its cameras fed with scenes drawn on purpose.

Nothing in the product knows of it: the scenes come in through the ordinary MJPEG camera, the
relays are the simulator's, and the guard's hand goes through the same socket as anybody's.
"""
