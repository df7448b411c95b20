"""Models as plain arrays: what a network computes, without the library it was trained with."""
