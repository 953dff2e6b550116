"""Autotuning: local search over plans of a network (groups of ops and how they are cut), by the cycle model.

``plan`` is the value that is searched, ``moves`` change it, ``search`` tries and keeps, ``bench`` measures with the
compiler's own code generation, ``store`` keeps what was found beside the model.
"""
