"""Formats: how readings and events are written down, one module each; bytes in, values out.

Nothing here touches a store. Every parser gives what it understood, and beside it the lines it
put aside with the reason for each; which element an identifier means is found out later.
"""
