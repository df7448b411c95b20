"""Formats are told by what a file holds; what is none of them is an error with a hint."""

import builtins
import io

import pytest

from graph_service.domain.errors import UnreadableInput
from graph_service.services.formats.detecting import reader_of
from graph_service.services.formats.mapping import DEFAULT


def told(content):
    return reader_of(io.BytesIO(content), "file", DEFAULT).__module__.rpartition(".")[2]


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (b"usage_point,quantity,source,start,resolution,values\n", "wide_csv"),
        (b"\xef\xbb\xbfUsage_Point,Quantity,Source,Start,Resolution\r\n", "wide_csv"),
        (b"element,quantity,time,value\n", "long_csv"),
        (b"value,time,quantity,usage_point,note\n", "long_csv"),
        (b"readings,element=t1 P=1 5\n", "line_files"),
        (b"# comment\n\ncpu usage=1\n", "line_files"),
        (b'{"source": "a"}\n', "json_events"),
        (b"  [\n", "json_events"),
        (b'<?xml version="1.0"?><MeterReadings/>', "meter_readings"),
        (b"\xff\xfe<\0a\0", "meter_readings"),
        (b"PAR1....", "parquet"),
    ],
)
def test_reader_of__tells_a_format_by_its_content(content, format_):
    assert told(content) == format_


@pytest.mark.parametrize("content", [b"", b" \n ", b"hello world\n", b"meter;value\n1;2\n"])
def test_reader_of__what_is_no_format_is_an_error_with_a_hint(content):
    with pytest.raises(UnreadableInput) as error:
        told(content)
    assert "usage_point,quantity" in error.value.hint


def test_reader_of__parquet_without_pyarrow_names_the_extra(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **more):
        if name == "graph_service.services.formats" and "parquet" in (args[2] or ()):
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnreadableInput, match="pyarrow") as error:
        told(b"PAR1....")
    assert "gridstrata[parquet]" in error.value.hint
