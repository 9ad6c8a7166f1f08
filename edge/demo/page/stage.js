"use strict";

const byId = (id) => document.getElementById(id);
const token = document.querySelector("meta[name=stage-token]").content;
const asked = new URLSearchParams(location.search).get("lang");
let language = asked || (navigator.language.startsWith("zh") ? "zh" : "en");
if (!(language in WORDS)) language = "zh";
let state = null;
let drawn = "";

const say = (word) => WORDS[language][word] ?? word;

function trouble(text) {
  byId("trouble").hidden = !text;
  byId("trouble").textContent = text;
}

async function act(name, target, on) {
  try {
    const answer = await fetch("/act", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Stage-Token": token },
      body: JSON.stringify({ name, target: String(target), on }),
    });
    trouble(answer.ok ? "" : await answer.text());
  } catch {
    trouble(say("away"));
  }
  await look();
}

function button(words, name, target, on, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.dataset.act = `${name} ${target}`;
  if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
  made.addEventListener("click", () => act(name, target, on));
  return made;
}

function row(title, ...parts) {
  const made = document.createElement("div");
  made.className = "row";
  const name = document.createElement("span");
  name.textContent = title;
  made.append(name, ...parts);
  return made;
}

function outcome(got) {
  const [answer, reason] = got.split(":");
  return reason ? `${say(answer)} (${say(reason)})` : say(answer || "nothing");
}

function step(one) {
  const made = document.createElement("li");
  made.textContent = say(one.step);
  if (one.step === state.step) made.setAttribute("aria-current", "step");
  if (one.ok !== null) {
    made.className = one.ok ? "good" : "bad";
    made.dataset.got = `${outcome(one.got)}${one.ms === null ? "" : ` ${one.ms} ms`}`;
  }
  return made;
}

function lane(one) {
  const parts = [];
  if (one.stands !== null) parts.push(button(say("stand"), "stand", one.number, !one.stands, one.stands));
  parts.push(button(say("walk"), "walk", one.number, true));
  parts.push(button(say("fire"), "fire", one.number, !one.fire, one.fire));
  return row(`${one.number} ${one.name}`, ...parts);
}

function camera(one) {
  const made = document.createElement("figure");
  const picture = document.createElement("img");
  picture.alt = one.id;
  picture.dataset.camera = one.id;
  if (one.plugged) picture.src = `/${one.id}.jpg?${Date.now()}`;
  const caption = document.createElement("figcaption");
  const words = say(one.plugged ? "plugged" : "unplugged");
  caption.append(row(one.id, button(words, "camera", one.id, !one.plugged, one.plugged)));
  made.append(picture, caption);
  return made;
}

function line(name, up) {
  return row(say(name), button(say(up ? "up" : "down"), name, "", !up, up));
}

function lamp(one) {
  const made = document.createElement("p");
  const socket = one.output === "c1";
  const words = one.level > 0 ? (socket ? "live" : "on") : (socket ? "dead" : "off");
  made.className = one.level > 0 ? "lamp lit" : "lamp";
  made.textContent = `${say(one.output)}: ${say(words)}`;
  return made;
}

function saved() {
  const made = document.createElement("p");
  made.textContent = `${say("saved")}: ${state.saved.toFixed(3)} kWh`;
  return made;
}

function link(words, url) {
  const made = document.createElement("li");
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener";
  anchor.textContent = words;
  made.append(anchor);
  return made;
}

function draw() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = say(place.dataset.say);
  byId("language").textContent = say("other");
  if (!state) return;
  byId("play").textContent = say(state.playing ? "playing" : "paused");
  byId("play").setAttribute("aria-pressed", String(state.playing));
  byId("steps").replaceChildren(...state.steps.map(step));
  byId("lanes").replaceChildren(...state.lanes.map(lane));
  byId("cameras").replaceChildren(...state.cameras.map(camera));
  const lines = ["broker", "centre"].filter((name) => state[name] !== null);
  byId("lines").replaceChildren(...lines.map((name) => line(name, state[name])));
  byId("lights").replaceChildren(...state.lamps.map(lamp), saved());
  drawViewer();
  byId("links").replaceChildren(
    link(say("guard"), state.links.guard),
    link(say("lights_page"), `${state.links.guard}lights`),
    ...state.lanes.map((one) => link(`${say("lane")} ${one.number} ${one.name}`, one.screen)),
    link(say("centre_page"), state.links.centre),
  );
}

async function look() {
  let text;
  try {
    text = await (await fetch("/state", { cache: "no-store" })).text();
  } catch {
    trouble(say("away"));
    return;
  }
  // Drawing anew takes the focus from a button, so it is done only when something changed.
  if (text === drawn) return;
  const focus = document.activeElement?.dataset?.act;
  drawn = text;
  state = JSON.parse(text);
  draw();
  if (focus) document.querySelector(`[data-act="${focus}"]`)?.focus();
}

function film() {
  for (const picture of document.querySelectorAll("img[data-camera]")) {
    const one = state?.cameras.find((each) => each.id === picture.dataset.camera);
    if (one?.plugged) picture.src = `/${one.id}.jpg?${Date.now()}`;
  }
}

byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  draw();
});
byId("play").addEventListener("click", () => act("play", "", !state.playing));
byId("next").addEventListener("click", () => act("next", "", true));
byId("new-pass").addEventListener("click", async () => {
  const answer = await fetch(`/pass.png?${Date.now()}`);
  if (!answer.ok) {
    trouble(await answer.text());
    return;
  }
  byId("pass").src = URL.createObjectURL(await answer.blob());
  byId("pass").hidden = false;
  trouble("");
});

draw();
look();
setInterval(look, 1000);
setInterval(film, 1000);
