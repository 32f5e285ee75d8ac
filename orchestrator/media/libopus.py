"""Where libopus is, and the few of its functions that are called (opus.h, opus_defines.h of libopus 1.x).

PyAV's wheels carry libopus as a library of its own beside the package; a system libopus is the fallback.
"""

import ctypes.util
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cffi  # type: ignore[import-untyped]  # ships no types

from orchestrator.media.errors import CodecUnavailableError

APPLICATION_VOIP: Final = 2048
APPLICATION_RESTRICTED_LOW_DELAY: Final = 2051
SIGNAL_VOICE: Final = 3001
SET_BITRATE: Final = 4002
SET_COMPLEXITY: Final = 4010
SET_INBAND_FEC: Final = 4012
SET_PACKET_LOSS_PERCENT: Final = 4014
SET_SIGNAL: Final = 4024

# 16-bit samples go to the encoder as the characters of a bytes object, which are passed without a copy.
ffi: Final = cffi.FFI()
ffi.cdef(
    """
    typedef struct OpusEncoder OpusEncoder;
    typedef struct OpusDecoder OpusDecoder;
    OpusEncoder *opus_encoder_create(int32_t rate, int channels, int application, int *error);
    void opus_encoder_destroy(OpusEncoder *encoder);
    int opus_encoder_ctl(OpusEncoder *encoder, int request, ...);
    int32_t opus_encode(OpusEncoder *encoder, const char *pcm, int samples,
                        unsigned char *packet, int32_t packet_size);
    OpusDecoder *opus_decoder_create(int32_t rate, int channels, int *error);
    void opus_decoder_destroy(OpusDecoder *decoder);
    int opus_decode(OpusDecoder *decoder, const unsigned char *packet, int32_t packet_size,
                    int16_t *pcm, int samples, int decode_fec);
    const char *opus_strerror(int error);
    const char *opus_get_version_string(void);
    """
)


def _places() -> Iterator[str]:
    """Yield the files and names to try, PyAV's own library first."""
    spec = importlib.util.find_spec("av")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        for folder in (package.parent / "av.libs", package / ".dylibs"):
            yield from sorted(str(path) for path in folder.glob("*opus*"))
    system = ctypes.util.find_library("opus")
    if system is not None:
        yield system


@functools.cache
def load() -> Any:
    """Return the loaded library; functions are attributes, as declared above.

    Raises:
        CodecUnavailableError: No libopus was found.
    """
    tried = []
    for place in _places():
        try:
            return ffi.dlopen(place)
        except OSError:
            tried.append(place)
    raise CodecUnavailableError(
        f"libopus was not found (tried {', '.join(tried) or 'nothing'}). Install the package av from a "
        "wheel, or the system library (Debian: libopus0)."
    )


def functions() -> tuple[int, int]:
    """Return where the functions are that decode a packet and encode a frame, for `fast_path.c`."""
    library = load()
    return address(ffi.addressof(library, "opus_decode")), address(ffi.addressof(library, "opus_encode"))


def address(pointer: Any) -> int:
    """Return where something of the library is."""
    return int(ffi.cast("intptr_t", pointer))


def version() -> str:
    """Return the version text of the loaded library, such as `libopus 1.6.1`."""
    return _text(load().opus_get_version_string())


def error_text(code: int) -> str:
    """Return libopus's own words for an error code."""
    return _text(load().opus_strerror(code))


def _text(pointer: Any) -> str:
    raw = ffi.string(pointer)
    return raw.decode() if isinstance(raw, bytes) else raw
