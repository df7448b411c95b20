import pytest

from graph_service.domain.phases import phase_bits


@pytest.mark.parametrize(
    ("code", "bits"),
    [
        ("PhaseCode.ABCN", 15),
        ("PhaseCode.B", 2),
        ("SinglePhaseKind.s1", 16),
        ("PhaseCode.s12N", 16 + 32 + 8),
        ("PhaseCode.s2N", 32 + 8),
        ("AC", 5),
        ("PhaseCode.none", 0),
        ("PhaseCode.X", 0),
        ("", 0),
    ],
)
def test_phase_bits__of_codes_found_in_files(code: str, bits: int) -> None:
    assert phase_bits(code) == bits
