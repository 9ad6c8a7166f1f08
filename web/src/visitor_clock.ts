// The server's time, by this phone's clock and what is known of its error.

const KEPT = "kuahu-clock";

/** A clock that is set whenever the server can be asked, and remembers its error after that. */
export class Clock {
  private error: number;

  constructor() {
    this.error = remembered();
  }

  /** Milliseconds since 1970, as the server would say. */
  now(): number {
    return Date.now() + this.error;
  }

  /** Set the clock: the server said `now` to a question that was asked and answered then. */
  set(now: number, asked: number, answered: number): void {
    this.error = now - (asked + answered) / 2;
    try {
      localStorage.setItem(KEPT, String(Math.round(this.error)));
    } catch {
      // A browser that keeps nothing asks again the next time.
    }
  }

  /** Whether the phone's own clock would show a code that a gate refuses. */
  isCorrected(): boolean {
    return Math.abs(this.error) > 10_000;
  }
}

function remembered(): number {
  try {
    const kept = Number(localStorage.getItem(KEPT));
    return Number.isFinite(kept) ? kept : 0;
  } catch {
    return 0;
  }
}
