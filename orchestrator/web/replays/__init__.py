"""Pages of replays: begun, watched, and looked at side by side."""
