"""The timeline in SQLite: readings as chunks of a day, events, forecasts, and their levels."""
