from graph_service.domain import errors


def _all_errors(base: type[errors.GridStrataError]) -> set[type[errors.GridStrataError]]:
    return {base} | {kind for direct in base.__subclasses__() for kind in _all_errors(direct)}


def test_errors__each_has_a_code_of_its_own() -> None:
    kinds = _all_errors(errors.GridStrataError)
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_error__says_what_was_asked_and_what_to_do() -> None:
    error = errors.UnknownElement("M-17")
    assert "M-17" in error.message
    assert error.subject == "M-17"
    assert error.hint
