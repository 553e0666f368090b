// Heard and felt feedback: short high = ok, double = warning, long low = stop. It must never be the only
// signal: the tile says the same in shape and word.
const PATTERNS = {
  ok: { tones: [[1320, 0, 0.11]], shake: [60] },
  warning: { tones: [[740, 0, 0.12], [740, 0.2, 0.12]], shake: [80, 80, 80] },
  stop: { tones: [[196, 0, 0.75]], shake: [500] },
};
let context = null;

export function play(name) {
  const pattern = PATTERNS[name];
  navigator.vibrate?.(pattern.shake);
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  for (const [frequency, start, length] of pattern.tones) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const at = context.currentTime + start;
    oscillator.type = name === "stop" ? "square" : "sine";
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.35, at + 0.01);
    gain.gain.setValueAtTime(0.35, at + length - 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + length + 0.02);
  }
}
