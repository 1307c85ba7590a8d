"""The desk above the tickets: saved views of their list, one's own, a team's, everybody's."""
