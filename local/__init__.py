"""The local AWS and the demo: ministack, the RDS simulator, and the stand-ins that connect them."""
