"""The stores behind the ports: a folder for each engine, and what two of them work out alike."""
