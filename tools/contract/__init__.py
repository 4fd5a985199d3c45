"""Scenario files: deals with the tax that a person worked out, run through every build of the tax engine.

Runs in `.venv`: `.venv/bin/python -m tools.contract PATH… [--json]`, or `python3 build.py contract PATH…`.
"""
