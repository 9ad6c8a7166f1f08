"use strict";

// The viewer's own camera: nothing is asked of it before the text was agreed to.

const WIDEST = 640;
const OPENED_BY_VIEWER = 2;
let stream = null;
let busy = false;

function problem(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "camera_denied";
  return name === "NotFoundError" ? "camera_missing" : "camera_failed";
}

function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  byId("mirror").srcObject = null;
}

function tell(text) {
  byId("viewer-says").textContent = text;
}

async function openCamera() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: WIDEST } } });
    byId("mirror").srcObject = stream;
    await byId("mirror").play();
    tell("");
  } catch (error) {
    closeCamera();
    tell(say(problem(error)));
  }
  drawViewer();
}

function picture() {
  const video = byId("mirror");
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, WIDEST / Math.max(video.videoWidth, 1));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

async function enrolMe() {
  busy = true;
  tell(say("enrolling"));
  drawViewer();
  try {
    const answer = await fetch("/face", {
      method: "POST",
      headers: { "Content-Type": "image/jpeg", "X-Stage-Token": token, "X-Agreed": state.consent[language].version },
      body: await picture(),
    });
    if (answer.ok) {
      closeCamera();
      tell((await answer.json()).remark);
    } else {
      tell(`${say("again")} ${await answer.text()}`);
    }
  } catch {
    tell(say("away"));
  }
  busy = false;
  await look();
  drawViewer();
}

async function forgetMe() {
  tell("");
  byId("agree").checked = false;
  await act("forget", "", true);
  if (!state.viewer.known) tell(`${say("erased")} ${state.viewer.receipt}`);
}

function drawViewer() {
  if (!state) return;
  const { known } = state.viewer;
  // Who agreed to one text has not agreed to the other.
  if (byId("consent").lang !== language && !busy) byId("agree").checked = false;
  if (byId("consent").lang !== language) tell("");
  byId("consent").lang = language;
  byId("consent").textContent = state.consent[language].words;
  byId("asks").hidden = known;
  byId("enrolled").hidden = !known;
  byId("mirror").hidden = !stream;
  byId("open-camera").hidden = Boolean(stream);
  byId("open-camera").disabled = !byId("agree").checked;
  byId("enrol").hidden = !stream;
  byId("enrol").disabled = busy || !byId("agree").checked;
  byId("my-lane").href = state.lanes.find((one) => one.number === OPENED_BY_VIEWER).screen;
}

document.getElementById("agree").addEventListener("change", () => {
  if (!document.getElementById("agree").checked) closeCamera();
  tell("");
  drawViewer();
});
document.getElementById("open-camera").addEventListener("click", openCamera);
document.getElementById("enrol").addEventListener("click", enrolMe);
document.getElementById("forget").addEventListener("click", forgetMe);
