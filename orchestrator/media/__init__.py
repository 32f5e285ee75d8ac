"""Audio in and out: WebRTC, Opus, pacing, recording."""
