// Stands in for the microphone of a page under test: it is silent until a test lets it say something.
// And keeps the sound that the page received, for the test to listen to.
{
  const RATE = 24000;
  const FRAMES = 3000;
  let context;
  let mouth;
  const heard = [];
  const open = () => {
    if (context) return;
    context = new AudioContext({ sampleRate: RATE });
    mouth = context.createMediaStreamDestination();
    // Not quite silent: a microphone never is.
    const hum = new ConstantSourceNode(context, { offset: 1e-5 });
    hum.connect(mouth);
    hum.start();
  };
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  /** The first channel at our rate. What is received never has more than that: no filter is needed. */
  const samplesOf = (/** @type {AudioData} */ sound) => {
    const all = new Float32Array(sound.numberOfFrames);
    sound.copyTo(all, { planeIndex: 0, format: "f32-planar" });
    const step = sound.sampleRate / RATE;
    return Float32Array.from({ length: all.length / step }, (_, at) => all[at * step]);
  };
  Object.assign(window, {
    /** Speak 16-bit PCM of 24 kHz; resolves once all of it was said. */
    say(base64) {
      open();
      const samples = new Int16Array(bytesOf(base64).buffer);
      const buffer = context.createBuffer(1, samples.length, RATE);
      buffer.copyToChannel(Float32Array.from(samples, (sample) => sample / 32768), 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(mouth);
      return new Promise((resolve) => {
        source.onended = resolve;
        source.start();
      });
    },
    /**
     * Keep what the loudspeaker is given from now on, or from its first sound on. Straight from the track, with room
     * for many seconds: an audio graph of a busy machine's leaves pieces out.
     */
    listen(element) {
      const keep = async () => {
        while (!element.srcObject) await new Promise((resolve) => setTimeout(resolve, 10));
        const [track] = element.srcObject.getAudioTracks();
        const frames = new MediaStreamTrackProcessor({ track, maxBufferSize: FRAMES }).readable.getReader();
        for (let read = await frames.read(); !read.done; read = await frames.read()) {
          heard.push(samplesOf(read.value));
          read.value.close();
        }
      };
      void keep();
    },
    /** What was kept since last asked for: base64 of 16-bit PCM of 24 kHz. */
    takeHeard() {
      const all = heard.splice(0).flatMap((piece) => [...piece]);
      const samples = Int16Array.from(all, (sample) => Math.max(-1, Math.min(1, sample)) * 32767);
      const bytes = new Uint8Array(samples.buffer);
      let text = "";
      for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return btoa(text);
    },
  });
  if (navigator.mediaDevices) {
    navigator.mediaDevices.getUserMedia = async () => {
      if (window.microphoneRefused) throw new DOMException("No.", window.microphoneRefused);
      open();
      return mouth.stream.clone();
    };
  }
}
