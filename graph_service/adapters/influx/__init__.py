"""The timeline in InfluxDB 2: readings, events and forecasts as points of one bucket."""
