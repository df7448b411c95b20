"""What the service asks of the world: stores and the exchange of CIM files."""
