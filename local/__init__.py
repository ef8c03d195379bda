"""The local AWS and the demo: ministack, the RDS simulator, and what joins them."""
