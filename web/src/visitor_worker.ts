// Keeps one opened pass on the phone: its page and what the page needs, and nothing else.

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Here {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", then: (event: Lasting) => void): void;
  addEventListener(name: "fetch", then: (event: Asked) => void): void;
}

const here = self as unknown as Here;
const page = new URL(here.registration.scope).pathname;
const shelf = `kuahu pass ${page}`;
const needs = [
  "/static/centre.css",
  "/static/visitor.css",
  "/static/visitor.js",
  "/static/icon.svg",
];
const PATIENCE = 4000;

here.addEventListener("install", (event) => {
  const wanted = [page, ...needs].map((path) => new Request(path, { cache: "reload" }));
  const kept = caches.open(shelf).then((cache) => cache.addAll(wanted));
  event.waitUntil(kept.then(() => here.skipWaiting()));
});

here.addEventListener("activate", (event) => {
  event.waitUntil(here.clients.claim());
});

here.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === location.origin && (url.pathname === page || needs.includes(url.pathname));
  if (ours && event.request.method === "GET") event.respondWith(answer(event.request, url.pathname));
});

/** What the server says where it says anything in time, else what is kept. */
async function answer(request: Request, path: string): Promise<Response> {
  const kept = await caches.match(path, { cacheName: shelf });
  try {
    const fresh = await inTime(fetch(request), kept ? PATIENCE : 60_000);
    // What is not kept any more has been forgotten, and stays so.
    if (fresh.ok && kept) await (await caches.open(shelf)).put(path, fresh.clone());
    if (path === page && fresh.status === 404) await forget();
    return fresh.status >= 500 || fresh.status === 429 ? (kept ?? fresh) : fresh;
  } catch (reason) {
    if (kept) return kept;
    throw reason;
  }
}

/** The pass is no more: nothing of it stays on the phone. */
async function forget(): Promise<void> {
  await caches.delete(shelf);
  await here.registration.unregister();
}

function inTime(work: Promise<Response>, patience: number): Promise<Response> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("too slow")), patience);
    work.then(resolve, reject);
  });
}
