"""Calibration for 8-bit quantization: statistics of every tensor over samples, thresholds, the table of thresholds.

``run.calibrate`` does what ``run_calibration.py`` does; ``table`` reads and writes the table; ``collect`` gathers the
statistics, ``methods`` turns them into thresholds, ``tune`` chooses among thresholds by the error that they cause.
"""
