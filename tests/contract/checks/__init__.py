"""The checks of the deployment's files, each giving its findings as text. The tests beside this package state what must be found and what must not."""
