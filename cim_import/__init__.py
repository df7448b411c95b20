"""CIM deliveries in and out: reading RDF/XML, the import report, export, and generated towns."""
