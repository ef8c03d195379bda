"""What the Makefile does in Python: packaging, and the checks of what is installed, built and deployed."""
