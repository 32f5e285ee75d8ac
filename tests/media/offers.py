"""Offers as clients make them."""

FINGERPRINT = ":".join(["AB"] * 32)

CHROMIUM = (
    "\r\n".join(
        [
            "v=0",
            "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0 1",
            "a=extmap-allow-mixed",
            "a=msid-semantic: WMS 0f7f2ab5-9b6b-4a4b-8d8c-0f1a4c5c0e11",
            "m=audio 54321 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
            "c=IN IP4 192.0.2.10",
            "a=rtcp:9 IN IP4 0.0.0.0",
            "a=candidate:1 1 udp 2122260223 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 54321 typ host",
            "a=candidate:2 1 udp 1686052607 192.0.2.10 54321 typ srflx raddr 0.0.0.0 rport 0 generation 0",
            "a=candidate:3 1 tcp 1518280447 192.0.2.10 9 typ host tcptype active generation 0",
            "a=ice-ufrag:sXJ3",
            "a=ice-pwd:yEclOTrLg1gEubBFefOqtmyV",
            "a=ice-options:trickle",
            f"a=fingerprint:sha-256 {FINGERPRINT}",
            "a=setup:actpass",
            "a=mid:0",
            "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
            "a=sendrecv",
            "a=msid:0f7f2ab5-9b6b-4a4b-8d8c-0f1a4c5c0e11 4d9ac9f9-9c0a-4d2f-8f5e-2f2e3a4b5c6d",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            "a=rtpmap:111 opus/48000/2",
            "a=rtcp-fb:111 transport-cc",
            "a=fmtp:111 minptime=10;useinbandfec=1",
            "a=rtpmap:63 red/48000/2",
            "a=fmtp:63 111/111",
            "a=rtpmap:9 G722/8000",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:13 CN/8000",
            "a=rtpmap:110 telephone-event/48000",
            "a=rtpmap:126 telephone-event/8000",
            "a=ssrc:1001 cname:Wvz8Jc3rYBq1",
            "a=ssrc:1001 msid:0f7f2ab5-9b6b-4a4b-8d8c-0f1a4c5c0e11 4d9ac9f9-9c0a-4d2f-8f5e-2f2e3a4b5c6d",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "c=IN IP4 0.0.0.0",
            "a=ice-ufrag:sXJ3",
            "a=ice-pwd:yEclOTrLg1gEubBFefOqtmyV",
            "a=ice-options:trickle",
            f"a=fingerprint:sha-256 {FINGERPRINT}",
            "a=setup:actpass",
            "a=mid:1",
            "a=sctp-port:5000",
            "a=max-message-size:262144",
        ]
    )
    + "\r\n"
)

VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=sendrecv\r\na=rtcp-mux\r\n"
    "a=ice-ufrag:sXJ3\r\na=ice-pwd:yEclOTrLg1gEubBFefOqtmyV\r\n"
    f"a=fingerprint:sha-256 {FINGERPRINT}\r\na=setup:actpass\r\na=rtpmap:96 VP8/90000\r\n"
)


def with_lines(*changes: tuple[str, str], offer: str = CHROMIUM) -> str:
    """The offer with lines replaced; a replacement that is empty takes the line out."""
    for old, new in changes:
        assert old + "\r\n" in offer, old
        offer = offer.replace(old + "\r\n", new + "\r\n" if new else "")
    return offer


def with_video(offer: str = CHROMIUM, *, first: bool = False) -> str:
    """The offer with a section for pictures, bundled like the rest."""
    offer = offer.replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 2 0 1" if first else "a=group:BUNDLE 0 1 2")
    if not first:
        return offer + VIDEO
    at = offer.index("m=audio")
    return offer[:at] + VIDEO + offer[at:]
