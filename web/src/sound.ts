// Tones, made on the spot: no file to load, and none before the first touch, as browsers require.

let context: AudioContext | undefined;

function open(): AudioContext | undefined {
  const Context = window.AudioContext ?? (window as unknown as { webkitAudioContext?: typeof AudioContext }).webkitAudioContext;
  if (!context && Context) {
    context = new Context();
  }
  return context;
}

/** Tries to make sound possible; resolves to whether it is. Works inside a touch or click. */
export async function unlock(): Promise<boolean> {
  const audio = open();
  if (!audio) {
    return false;
  }
  if (audio.state !== "running") {
    // Without a touch the promise may never settle.
    await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 300))]);
  }
  return audio.state === "running";
}

/** Whether tones can be heard now. */
export function audible(): boolean {
  return context !== undefined && context.state === "running";
}

/** Plays tones one after another: [hertz, seconds]. Returns whether they can be heard. */
export function play(tones: ReadonlyArray<readonly [number, number]>, shape: OscillatorType = "sine"): boolean {
  if (!context || context.state !== "running") {
    return false;
  }
  let at = context.currentTime;
  for (const [hertz, seconds] of tones) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = shape;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.35, at + 0.02);
    volume.gain.setValueAtTime(0.35, at + seconds - 0.04);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.03;
  }
  return true;
}

/** Yes: two rising tones. */
export const YES = [[660, 0.14], [990, 0.22]] as const;
/** No: one low, long tone. */
export const NO = [[196, 0.5]] as const;
/** Wait: two equal tones. */
export const WAIT = [[440, 0.16], [440, 0.16]] as const;
/** The guard's chime for a refusal. */
export const CHIME = [[880, 0.12], [660, 0.2]] as const;
/** The guard's chime for a call. */
export const RING = [[988, 0.15], [784, 0.15], [988, 0.15], [784, 0.25]] as const;
