"""An encoder for tests: packets are the frames themselves."""

from orchestrator.media.errors import CodecError


class PlainEncoder:
    """Gives back what it gets, and notes that it was closed."""

    def __init__(self, frame_bytes: int) -> None:
        self.frame_bytes = frame_bytes
        self.address = 0
        self.is_identity = True
        self.encoded = 0
        self.closed = False

    def padded(self, frame: bytes) -> bytes:
        return frame.ljust(self.frame_bytes, b"\0")

    def encode(self, frame: bytes | memoryview) -> bytes:
        if self.closed:
            raise CodecError("closed")
        self.encoded += 1
        return bytes(frame)

    def close(self) -> None:
        self.closed = True
