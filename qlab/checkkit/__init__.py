"""The lab author's vocabulary. Runs in the pytest child, never in the learner's program."""
