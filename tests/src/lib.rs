//! End-to-end scenarios live in `tests/`; what they share is here.
