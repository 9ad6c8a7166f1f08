// The photo of a face: taken or chosen, looked at here, sealed here, sent, and its answer shown.
// What leaves the phone is a new JPEG of at most 1280 pixels, without the file's notes of place and
// time, and only ever sealed.
import { quality, verdict } from "./photo_quality.ts";
import { type Address, canSeal, newPhotoId, seal } from "./photo_seal.ts";

const LONGEST = 1280;
const SHORTEST = 320;
const LOOKED_AT = 480;
const QUALITIES = [0.9, 0.8, 0.7, 0.55, 0.4];
const OVERHEAD = 65 + 16;

interface Parts {
  box: HTMLElement;
  send: HTMLButtonElement;
  preview: HTMLElement;
  said: HTMLElement;
  state: HTMLElement;
}

const box = document.getElementById("photo");
const tools = document.getElementById("photo-tools");
if (box && tools && canSeal()) {
  tools.hidden = false;
  document.getElementById("photo-unable")!.hidden = true;
  keepPhoto({
    box,
    send: document.getElementById("photo-send") as HTMLButtonElement,
    preview: document.getElementById("photo-preview")!,
    said: document.getElementById("photo-said")!,
    state: document.getElementById("photo-state")!,
  });
}

function keepPhoto(at: Parts): void {
  let photo: Blob | undefined;
  const choose = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0];
    // The same file may be chosen again.
    input.value = "";
    if (!file) {
      return;
    }
    photo = undefined;
    at.send.hidden = true;
    const made = await prepare(file, Number(at.box.dataset["most"]) - OVERHEAD);
    say(at, made.word, made.word === "ready");
    show(at.preview, made.photo, word(made.word));
    if (made.photo) {
      photo = made.photo;
      // Someone who sees that the photo is good may send it all the same: the gate decides.
      at.send.hidden = false;
    }
  };
  for (const id of ["photo-take", "photo-choose"]) {
    const input = document.getElementById(id) as HTMLInputElement;
    input.addEventListener("change", () => void choose(input));
  }
  at.send.addEventListener("click", () => {
    if (photo) {
      at.send.disabled = true;
      void send(at, photo).finally(() => {
        at.send.disabled = false;
      });
    }
  });
  if (at.state.dataset["settled"] === "no") {
    follow(at);
  }
}

/** Returns the photo as it would be sent, if it can be, and the word for what was seen in it. */
async function prepare(file: Blob, most: number): Promise<{ word: string; photo?: Blob }> {
  let image: HTMLImageElement;
  try {
    image = await opened(file);
  } catch {
    return { word: "unreadable" };
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  if (Math.min(width, height) < SHORTEST) {
    return { word: "small" };
  }
  const canvas = drawn(image, LONGEST);
  const small = drawn(image, LOOKED_AT);
  const pixels = small?.getContext("2d")?.getImageData(0, 0, small.width, small.height);
  if (!canvas || !small || !pixels) {
    return { word: "large" };
  }
  const found = verdict(quality(pixels.data, small.width, small.height));
  for (const level of QUALITIES) {
    const photo = await encoded(canvas, level);
    if (photo && photo.size <= most) {
      return { word: found, photo };
    }
  }
  return { word: "large" };
}

function opened(file: Blob): Promise<HTMLImageElement> {
  const image = new Image();
  const address = URL.createObjectURL(file);
  return new Promise<HTMLImageElement>((resolve, reject) => {
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("no picture"));
    image.src = address;
  }).finally(() => URL.revokeObjectURL(address));
}

function drawn(image: HTMLImageElement, longest: number): HTMLCanvasElement | undefined {
  const scale = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  const pen = canvas.getContext("2d");
  if (!pen) {
    return undefined;
  }
  // What is transparent is white, as it is when the picture is printed.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function encoded(canvas: HTMLCanvasElement, level: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", level));
}

async function send(at: Parts, photo: Blob): Promise<void> {
  say(at, "sending", true);
  const content = await contentOf(photo);
  const to: Address & { keyId: string } = {
    compound: at.box.dataset["compound"] ?? "",
    person: at.box.dataset["person"] ?? "",
    key: at.box.dataset["key"] ?? "",
    keyId: at.box.dataset["keyId"] ?? "",
  };
  // The gate may have got a new key since this page was loaded: once, it is sealed to that one.
  for (let turn = 0; turn < 2; turn++) {
    let answer: { why: string; key?: string; key_id?: string };
    try {
      const photoId = newPhotoId();
      const sealed = await seal(content, photoId, to);
      const response = await fetch(`/home/people/${to.person}/photo`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-csrf": at.box.dataset["csrf"] ?? "" },
        body: JSON.stringify({ photo_id: photoId, key_id: to.keyId, sealed }),
      });
      answer = await response.json();
    } catch {
      say(at, "offline", false);
      return;
    }
    if (answer.why === "") {
      say(at, "sent", true);
      at.send.hidden = true;
      at.preview.hidden = true;
      follow(at);
      return;
    }
    if (answer.why !== "old_key" || !answer.key || !answer.key_id || turn > 0) {
      say(at, answer.why, false);
      return;
    }
    to.key = answer.key;
    to.keyId = answer.key_id;
  }
}

function contentOf(photo: Blob): Promise<ArrayBuffer> {
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(new Error("the photo went away"));
    reader.readAsArrayBuffer(photo);
  });
}

/** Asks how the photo stands, often at first and then less so, until it is answered. */
function follow(at: Parts, turn = 0): void {
  const pause = turn < 30 ? 1000 : turn < 90 ? 5000 : 30000;
  setTimeout(() => {
    fetch(`/home/people/${at.box.dataset["person"] ?? ""}/photo`)
      .then((response) => (response.ok ? response.text() : Promise.reject(new Error())))
      .then((html) => {
        const settled = !html.includes('data-settled="no"');
        if (html.trim() !== at.state.innerHTML.trim()) {
          at.state.innerHTML = html;
          showWay(at.state);
        }
        if (settled) {
          at.said.hidden = true;
        } else {
          follow(at, turn + 1);
        }
      })
      .catch(() => follow(at, turn + 30));
  }, pause);
}

/** Shows at the top of the page, too, how entry by face stands now. */
function showWay(state: HTMLElement): void {
  const now = state.querySelector<HTMLTemplateElement>("template[data-way-state]");
  const top = document.getElementById("way-state");
  if (now && top) {
    top.textContent = "";
    top.appendChild(now.content.cloneNode(true));
  }
}

function show(preview: HTMLElement, photo: Blob | undefined, said: string): void {
  const image = preview.querySelector("img")!;
  if (image.src) {
    URL.revokeObjectURL(image.src);
  }
  preview.hidden = !photo;
  if (photo) {
    image.src = URL.createObjectURL(photo);
    preview.querySelector("figcaption")!.textContent = said;
  }
}

function say(at: Parts, name: string, good: boolean): void {
  at.said.hidden = false;
  at.said.textContent = word(name);
  at.said.className = `notice ${good ? "ok" : "no"}`;
}

function word(name: string): string {
  const words = (document.getElementById("photo-words") as HTMLTemplateElement).content;
  return words.querySelector(`[data-word="${CSS.escape(name)}"]`)?.textContent ?? "";
}
