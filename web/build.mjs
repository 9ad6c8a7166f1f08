// Bundles the pages' sources into the static files that edge and central serve. No option, no watch
// mode: a build of everything takes well under a second.
import { build } from "esbuild";
import { rm } from "node:fs/promises";

const here = new URL(".", import.meta.url).pathname;
const guard = new URL("../edge/web/static/built/", import.meta.url).pathname;
const centre = new URL("../central/static/built/", import.meta.url).pathname;

const modern = { format: "esm", target: ["es2020", "chrome80", "safari14.1", "firefox78"] };
// An old phone, or the browser inside a chat: no modules, and nothing newer than ES2018.
const old = { format: "iife", target: "es2018" };

async function bundle(outdir, how, entryPoints) {
  await build({
    absWorkingDir: here,
    entryPoints,
    outdir,
    bundle: true,
    minify: true,
    loader: { ".svg": "copy" },
    // The licences of what is bundled stay beside it.
    legalComments: "linked",
    logLevel: "info",
    ...how,
  });
}

await rm(guard, { recursive: true, force: true });
await bundle(guard, modern, ["src/guard.ts", "src/guard.css", "src/lights.ts", "src/lights.css", "src/icon.svg"]);
await bundle(guard, modern, ["src/register.ts", "src/register.css", "src/enrol.ts"]);
await bundle(guard, old, ["src/lane.ts", "src/lane.css"]);

await rm(centre, { recursive: true, force: true });
await bundle(centre, old, ["src/centre.css", "src/icon.svg", "src/visitor.ts", "src/visitor.css", "src/visitor_worker.ts"]);
