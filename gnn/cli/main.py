"""The commands' common ground."""


def main() -> None:
    """Run."""
