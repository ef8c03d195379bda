"""Stand-ins for AWS services, each with the name of its service. They exist for the local run only."""
