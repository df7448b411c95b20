"""The words of the house: elements, statements, errors, access; standard library only."""
