"""The Python part of the Makefile: packages, and checks of installed tools, built zips and generated templates."""
