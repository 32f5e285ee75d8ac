"""What administrators and reviewers work with: agents, tools, conversations, live calls, money, keys."""
