"""What is written fits: whatever a broker has taken of others."""

from streams.outputs import KEPT_BYTES
from tests.streams.households.made import CODEC, OUTPUTS

LETTER = {"topic": "t", "partition": 0, "offset": 7, "reason": "undecodable", "error": "NoAvro", "key": None}
CLIENT_TAKES = 1_000_000  # of key, value and headers: librdkafka's message.max.bytes, aiokafka's max_request_size


def test_a_dead_letter_that_fits_is_unchanged() -> None:
    for value in (None, b"", b"x" * KEPT_BYTES):
        letter = LETTER | {"value": value}
        assert CODEC.decode("DeadLetter", OUTPUTS.dead_letter(letter).value) == letter


def test_of_a_key_and_a_value_too_long_a_dead_letter_has_the_beginning_and_says_so() -> None:
    key, value = bytes(range(256)) * 4_000, bytes(range(256)) * 40_000
    output = OUTPUTS.dead_letter(LETTER | {"key": key, "value": value})
    assert CODEC.decode("DeadLetter", output.value) == LETTER | {
        "error": "NoAvro; key cut, 1024000 bytes in all; value cut, 10240000 bytes in all",
        "key": key[:KEPT_BYTES],
        "value": value[:KEPT_BYTES],
    }
    assert len(output.value) + sum(len(name) + len(text) for name, text in output.headers) < CLIENT_TAKES
