"""The parts of build.py: one module for each job, standard library only."""
