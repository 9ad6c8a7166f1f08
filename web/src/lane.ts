// The lane's screen: plain browser features only, as it may run on an old phone.
import { keepCamera } from "./lane_camera.ts";
import { NO, WAIT, YES, audible, play, unlock } from "./sound.ts";

const IDLE_AFTER = 6000;
const MOVE_FOR = 21000;
const LOST_AFTER = 15000;
const CALLED_FOR = 5000;

type Signal = "granted" | "refused" | "wait" | "move" | "idle" | "offline";

const body = document.body;
const number = body.dataset["number"] ?? "";
let idleTimer = 0;
let lostTimer = 0;
let coreUp = true;

function show(signal: Signal, zh: string, en: string, move = ""): void {
  window.clearTimeout(idleTimer);
  body.dataset["signal"] = signal;
  body.dataset["move"] = move;
  // The elements stay and their text changes, so that the answer is read out as a whole.
  document.getElementById("zh")!.textContent = zh;
  document.getElementById("en")!.textContent = en;
}

function say(name: string, signal: Signal): void {
  const words = document.getElementById(`say-${name}`)!;
  show(signal, words.dataset["zh"] ?? "", words.dataset["en"] ?? "");
}

function rest(): void {
  if (coreUp) {
    say("idle", "idle");
  } else {
    say("restarting", "offline");
  }
}

function answer(signal: Signal, zh: string, en: string, move: string): void {
  if (signal === "idle") {
    rest();
    return;
  }
  show(signal, zh, en, move);
  play(signal === "granted" ? YES : signal === "refused" ? NO : WAIT, signal === "refused" ? "square" : "sine");
  idleTimer = window.setTimeout(rest, signal === "move" ? MOVE_FOR : IDLE_AFTER);
}

function listen(): void {
  const source = new EventSource(`/lane/${number}/events`);
  const alive = (): void => {
    window.clearTimeout(lostTimer);
    lostTimer = window.setTimeout(lost, LOST_AFTER);
  };
  const lost = (): void => {
    source.close();
    window.clearTimeout(lostTimer);
    say("offline", "offline");
    window.setTimeout(listen, 2000);
  };
  source.onopen = () => {
    alive();
    rest();
  };
  source.onerror = lost;
  source.addEventListener("ping", alive);
  source.addEventListener("leave", () => location.reload());
  source.addEventListener("core", (event) => {
    alive();
    const up: boolean = JSON.parse(event.data).up;
    if (up !== coreUp) {
      coreUp = up;
      rest();
    }
  });
  source.addEventListener("shown", (event) => {
    alive();
    const said = JSON.parse(event.data) as { signal: Signal; zh: string; en: string; move: string };
    answer(said.signal, said.zh, said.en, said.move);
  });
  alive();
}

function keepCall(): void {
  const button = document.getElementById("call") as HTMLButtonElement;
  button.addEventListener("click", async () => {
    button.disabled = true;
    let name = "call_failed";
    try {
      const answered = await fetch(`/lane/${number}/call`, {
        method: "POST",
        headers: { "X-CSRF": body.dataset["csrf"] ?? "" },
      });
      name = answered.ok ? "calling" : "call_failed";
    } catch {
      // Said below.
    }
    say(name, "wait");
    play(WAIT);
    idleTimer = window.setTimeout(rest, IDLE_AFTER);
    window.setTimeout(() => {
      button.disabled = false;
    }, CALLED_FOR);
  });
}

function keepClock(): void {
  const clock = document.getElementById("clock")!;
  const form = { hour: "2-digit", minute: "2-digit", hour12: false } as const;
  let text: (at: Date) => string;
  try {
    const site = new Intl.DateTimeFormat("zh-CN", { ...form, timeZone: body.dataset["zone"] ?? "Asia/Shanghai" });
    text = (at) => site.format(at);
  } catch {
    // A browser that does not know the zone shows its own.
    text = (at) => at.toLocaleTimeString("zh-CN", form);
  }
  const tick = (): void => {
    clock.textContent = text(new Date());
  };
  tick();
  window.setInterval(tick, 1000);
}

async function keepSound(): Promise<void> {
  const button = document.getElementById("sound") as HTMLButtonElement;
  button.hidden = await unlock();
  button.addEventListener("click", async () => {
    await unlock();
    play(YES);
    button.hidden = audible();
    try {
      await document.documentElement.requestFullscreen();
    } catch {
      // An old phone, or a browser that fills the screen already.
    }
  });
  document.addEventListener("pointerdown", async () => {
    button.hidden = await unlock();
  });
}

keepClock();
keepCall();
keepCamera(number, body.dataset["csrf"] ?? "");
void keepSound();
listen();
