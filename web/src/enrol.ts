// A face at the desk: the camera's stills are looked at while it runs; one that would do is put into
// the form's file field, as if it had been chosen there. A chosen photo is made smaller first.

const WIDEST = 960;
const MOST_BYTES = 190 * 1024;
const EVERY = 700;

interface Looked {
  word: string;
  text: string;
}

const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const form = element<HTMLFormElement>("enrol");
const video = element<HTMLVideoElement>("video");
const still = element<HTMLImageElement>("still");
const dark = element<HTMLElement>("dark");
const advice = element<HTMLElement>("advice");
const camera = element<HTMLButtonElement>("camera");
const take = element<HTMLButtonElement>("take");
const again = element<HTMLButtonElement>("again");
const field = element<HTMLInputElement>("photo");
const child = element<HTMLInputElement>("child");
const guardian = element<HTMLInputElement>("guardian");

let stream: MediaStream | undefined;

function say(text: string): void {
  // Said again only when it changes: a screen reader would repeat it.
  if (advice.textContent !== text) {
    advice.textContent = text;
  }
}

const word = (name: string): string => element(`say-${name}`).textContent ?? "";

function why(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") {
    return "camera_denied";
  }
  return name === "NotFoundError" ? "camera_missing" : "camera_failed";
}

/** Returns a picture as a JPEG that core takes, or null where the browser cannot draw it. */
async function jpeg(source: CanvasImageSource, width: number, height: number): Promise<Blob | null> {
  for (const widest of [WIDEST, 720, 560, 420]) {
    const scale = Math.min(1, widest / Math.max(width, height, 1));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d")!.drawImage(source, 0, 0, canvas.width, canvas.height);
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.88));
    if (!made || made.size <= MOST_BYTES) {
      return made;
    }
  }
  return null;
}

async function look(picture: Blob): Promise<Looked | undefined> {
  const headers = { "X-CSRF": form.dataset["csrf"] ?? "", "Content-Type": "image/jpeg" };
  try {
    const answer = await fetch("/face-check", { method: "POST", headers, body: picture });
    return answer.status === 429 ? undefined : ((await answer.json()) as Looked);
  } catch {
    return { word: "away", text: word("camera_failed") };
  }
}

function put(picture: Blob): void {
  const files = new DataTransfer();
  files.items.add(new File([picture], "photo.jpg", { type: "image/jpeg" }));
  field.files = files.files;
  URL.revokeObjectURL(still.src);
  still.src = URL.createObjectURL(picture);
  still.hidden = false;
  video.hidden = true;
  dark.hidden = true;
}

function stop(): void {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  video.srcObject = null;
  video.hidden = true;
  take.hidden = true;
}

let good: Blob | undefined;

async function watch(watched: MediaStream): Promise<void> {
  while (stream === watched && watched.active) {
    const picture = await jpeg(video, video.videoWidth, video.videoHeight);
    const looked = picture ? await look(picture) : undefined;
    if (stream !== watched) {
      return;
    }
    if (looked && picture) {
      good = looked.word === "" ? picture : undefined;
      take.disabled = !good;
      say(looked.text);
    }
    await new Promise((done) => setTimeout(done, EVERY));
  }
}

async function begin(): Promise<void> {
  if (!navigator.mediaDevices) {
    say(word("camera_insecure"));
    return;
  }
  try {
    const wanted = { video: { facingMode: "user", width: { ideal: 1280 } } };
    stream = await navigator.mediaDevices.getUserMedia(wanted);
    video.srcObject = stream;
    video.hidden = false;
    still.hidden = true;
    dark.hidden = true;
    await video.play();
    camera.hidden = true;
    again.hidden = true;
    take.hidden = false;
    take.disabled = true;
    say(word("looking"));
    void watch(stream);
  } catch (error) {
    stop();
    dark.hidden = false;
    say(word(why(error)));
  }
}

camera.hidden = false;
camera.addEventListener("click", begin);
again.addEventListener("click", begin);
take.addEventListener("click", () => {
  if (!good) {
    return;
  }
  put(good);
  stop();
  again.hidden = false;
  say(word("taken"));
});
field.addEventListener("change", async () => {
  const file = field.files?.[0];
  if (!file) {
    return;
  }
  stop();
  again.hidden = false;
  camera.hidden = true;
  try {
    const drawn = await createImageBitmap(file, { imageOrientation: "from-image" });
    const picture = await jpeg(drawn, drawn.width, drawn.height);
    drawn.close();
    if (!picture) {
      throw new Error("not drawn");
    }
    put(picture);
    say((await look(picture))?.text ?? word("taken"));
  } catch {
    field.value = "";
    say(word("unreadable"));
  }
});
child.addEventListener("change", () => {
  guardian.required = child.checked;
});
// Nothing goes on filming behind a page that was left.
addEventListener("pagehide", stop);
