"""What an agent author imports, and nothing else."""
