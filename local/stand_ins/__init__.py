"""Stand-ins for AWS services, each named after the service whose part it plays. They exist for the local run only."""
