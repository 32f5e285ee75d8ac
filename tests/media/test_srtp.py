import pylibsrtp
import pytest

from orchestrator.media import rtcp, rtp
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.srtp import ProtectedStream

pytestmark = pytest.mark.media

KEY = bytes(range(30))


def packet(sequence: int) -> bytes:
    return rtp.build(RtpPacket(96, False, sequence, sequence * 960, 7, b"sound"))


@pytest.fixture
def ours() -> ProtectedStream:
    policy = pylibsrtp.Policy(key=KEY, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    return ProtectedStream(pylibsrtp.Session(policy))


@pytest.fixture
def theirs() -> ProtectedStream:
    policy = pylibsrtp.Policy(key=KEY, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
    return ProtectedStream(pylibsrtp.Session(policy))


def test_what_is_protected_can_be_opened_with_the_key(ours: ProtectedStream, theirs: ProtectedStream) -> None:
    for sequence in (1, 2, 3):
        protected = ours.protect(packet(sequence))
        assert protected is not None
        assert b"sound" not in protected
        assert theirs.unprotect(protected) == packet(sequence)


def test_the_library_itself_opens_what_we_protect(ours: ProtectedStream) -> None:
    policy = pylibsrtp.Policy(key=KEY, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
    protected = ours.protect(packet(1))
    assert protected is not None
    assert pylibsrtp.Session(policy).unprotect(protected) == packet(1)


def test_a_packet_that_was_changed_or_comes_again_is_refused(
    ours: ProtectedStream, theirs: ProtectedStream
) -> None:
    protected = ours.protect(packet(1))
    assert protected is not None
    assert theirs.unprotect(protected[:-1] + bytes([protected[-1] ^ 1])) is None
    assert theirs.unprotect(protected) == packet(1)
    assert theirs.unprotect(protected) is None


def test_reports_are_protected_and_opened_too(ours: ProtectedStream, theirs: ProtectedStream) -> None:
    report = rtcp.build_report(7, b"name", None, [])
    protected = ours.protect_report(report)
    assert protected is not None
    assert theirs.unprotect_report(protected) == report
    assert theirs.unprotect_report(protected[:-1] + bytes([protected[-1] ^ 1])) is None


def test_what_finds_no_room_is_refused_and_the_next_packet_passes(
    ours: ProtectedStream, theirs: ProtectedStream
) -> None:
    with pytest.raises(ValueError, match="too long"):
        theirs.unprotect(bytes(1501))
    with pytest.raises(ValueError, match="too long"):
        ours.protect(packet(1) + bytes(1300))
    protected = ours.protect(packet(1))
    assert protected is not None
    assert theirs.unprotect(protected) == packet(1)
