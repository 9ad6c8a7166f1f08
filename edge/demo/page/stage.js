"use strict";

const WORDS = {
  zh: {
    other: "English",
    title: "跨湖 · 演示后台",
    lead: "摄像头画面由本页生成，门禁按正常流程识别、判定、开闸。请同时打开保安页面，看保安看到什么。",
    story: "故事", playing: "播放中，点此暂停", paused: "已暂停，点此继续", next: "下一步",
    lanes: "通道", stand: "站在闸杆下", walk: "走过去", fire: "消防联动",
    cameras: "摄像头", plugged: "已接上，点此拔线", unplugged: "已拔线，点此接上",
    lines: "线路", broker: "消息服务", centre: "中心", up: "正常，点此断开", down: "已断开，点此恢复",
    pass: "访客码",
    pass_lead: "用手机拍下此码，再对着通道屏的电脑摄像头出示（2号通道，通道屏上打开摄像头）。此码只能进出一次。",
    new_pass: "出示访客码", links: "页面", guard: "保安页面", lane: "通道屏", centre_page: "中心接口",
    resident_face: "住户刷脸", stranger_face: "陌生人刷脸", pass_in: "访客扫码进", pass_out: "访客扫码出",
    pass_used: "同一码再次进", pass_expired: "过期码", pass_forged: "伪造码", print_refused: "同一张照片，活体通道", guard_open: "保安手动放行",
    opened: "已放行", refused: "未放行", nothing: "无结果", away: "演示已停止。",
    unknown_face: "未登记人员", used: "已使用", expired: "已过期", forged: "签名不符", not_live: "疑似照片",
  },
  en: {
    other: "中文",
    title: "Kuahu · behind the demo",
    lead: "This page draws what the cameras see; the gate looks, decides and opens as it always does. Keep the guard's page open beside it to see what the guard sees.",
    story: "Story", playing: "Playing: pause", paused: "Paused: go on", next: "Next step",
    lanes: "Lanes", stand: "Stand under the arm", walk: "Walk through", fire: "Fire input",
    cameras: "Cameras", plugged: "Plugged in: pull the cable", unplugged: "Unplugged: plug it in",
    lines: "Lines", broker: "Broker", centre: "Centre", up: "Up: cut it", down: "Cut: bring it back",
    pass: "Visitor pass",
    pass_lead: "Take a photo of this code with a phone and hold the phone to the laptop's camera at the lane screen (lane 2, with its camera switched on). It is good for one way in and one way out.",
    new_pass: "Show a visitor pass", links: "Pages", guard: "The guard's page", lane: "Lane screen", centre_page: "The centre's API",
    resident_face: "A resident's face", stranger_face: "A stranger's face", pass_in: "A visitor's pass, in", pass_out: "A visitor's pass, out",
    pass_used: "The same pass again", pass_expired: "An expired pass", pass_forged: "A forged pass", print_refused: "The same picture, where liveness is asked for", guard_open: "A guard opens by hand",
    opened: "opened", refused: "refused", nothing: "no outcome", away: "The demo has stopped.",
    unknown_face: "not on the register", used: "already used", expired: "expired", forged: "wrong signature", not_live: "may be a photo",
  },
};

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
  return row(one.name, ...parts);
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
  byId("links").replaceChildren(
    link(say("guard"), state.links.guard),
    ...state.lanes.map((one) => link(`${say("lane")} ${one.name}`, one.screen)),
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
