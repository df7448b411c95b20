"""Use cases: each service receives ports and speaks the domain's words."""
