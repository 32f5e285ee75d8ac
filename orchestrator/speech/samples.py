"""Sound that arrives in pieces of any size, cut so that no sample is torn."""


class WholeSamples:
    """Keeps half a 16-bit sample back until its other half comes."""

    def __init__(self) -> None:
        self._odd = b""

    def feed(self, piece: bytes) -> bytes:
        """The whole samples that are there now; may be none."""
        sound = self._odd + piece
        whole = len(sound) & ~1
        self._odd = sound[whole:]
        return sound[:whole]
