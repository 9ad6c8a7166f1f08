// The device's own camera as the lane's camera: one JPEG at a time, five a second at most.

const WIDEST = 640;
const EVERY = 200;
const REST = 1000;
const TAKEN = 409;

function complain(name: string): void {
  const place = document.getElementById("camera-problem")!;
  const words = document.getElementById(`say-${name}`);
  place.textContent = words ? `${words.dataset["zh"]} ${words.dataset["en"]}` : "";
  place.hidden = !words;
}

function why(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") {
    return "camera_denied";
  }
  return name === "NotFoundError" ? "camera_missing" : "camera_failed";
}

function jpeg(video: HTMLVideoElement, canvas: HTMLCanvasElement): Promise<Blob | null> {
  const scale = Math.min(1, WIDEST / Math.max(video.videoWidth, 1));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d")!.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
}

/** Sends pictures for as long as `stream` runs; ends when another device's camera is the lane's. */
async function send(number: string, csrf: string, video: HTMLVideoElement, stream: MediaStream): Promise<void> {
  const canvas = document.createElement("canvas");
  let begun = false;
  let tick: string | undefined;
  let tickAt = 0;
  while (stream.active) {
    const began = performance.now();
    let pause = EVERY;
    try {
      const picture = tick === undefined ? new Blob([]) : await jpeg(video, canvas);
      const headers: Record<string, string> = { "X-CSRF": csrf, "Content-Type": "image/jpeg" };
      if (tick !== undefined) {
        headers["X-Tick"] = tick;
        headers["X-Since"] = String(Math.max(0, began - tickAt));
      }
      if (!begun) {
        headers["X-Begin"] = "1";
      }
      const answer = await fetch(`/lane/${number}/frame`, { method: "POST", headers, body: picture });
      if (answer.ok) {
        begun = true;
        tick = ((await answer.json()) as { tick: string }).tick;
        tickAt = performance.now();
        complain("");
      } else if (answer.status === TAKEN) {
        return;
      } else {
        tick = undefined;
        pause = REST;
      }
    } catch {
      tick = undefined;
      pause = REST;
    }
    await new Promise((done) => setTimeout(done, Math.max(20, pause - (performance.now() - began))));
  }
}

/** Lets the button start and stop the device's camera, where this lane has one. */
export function keepCamera(number: string, csrf: string): void {
  const button = document.getElementById("camera");
  const video = document.getElementById("mirror") as HTMLVideoElement | null;
  if (!button || !video) {
    return;
  }
  let stream: MediaStream | undefined;
  const stop = (): void => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = undefined;
    video.srcObject = null;
    button.setAttribute("aria-pressed", "false");
  };
  button.addEventListener("click", async () => {
    if (stream) {
      stop();
      return;
    }
    if (!navigator.mediaDevices) {
      complain("camera_insecure");
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: WIDEST } } });
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      button.setAttribute("aria-pressed", "true");
      complain("");
      stream.getVideoTracks()[0]?.addEventListener("ended", stop);
      const sent = stream;
      void send(number, csrf, video, sent).then(() => {
        if (stream === sent && sent.active) {
          stop();
          complain("camera_taken");
        }
      });
    } catch (error) {
      stop();
      complain(why(error));
    }
  });
}
