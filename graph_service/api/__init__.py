"""GraphQL on Starlette, and the explorer page."""
