"""The checks of the deployment's files. Each check gives its findings as text.

The tests beside this package state the expected findings.
"""
