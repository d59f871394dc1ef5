"""The pure core: the procedures as functions from a snapshot to findings. No I/O, no clock, no
logging.
"""
