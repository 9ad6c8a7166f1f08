// Bundles the pages' sources into the static files that edge and central serve. No option, no watch
// mode: a build of everything takes well under a second.
import { build } from "esbuild";
import { rm, writeFile } from "node:fs/promises";
import { icon } from "./icons.mjs";

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
await bundle(centre, old, ["src/centre.css", "src/icon.svg", "src/visitor.ts", "src/visitor.css", "src/visitor_worker.ts", "src/operator.css"]);
await bundle(centre, old, ["src/resident.ts", "src/resident.css"]);
// What seals a photo needs whole numbers of any length, so it is a file of its own: where a browser
// cannot read it, the page says what to do instead.
await bundle(centre, { format: "iife", target: "es2020" }, ["src/resident_photo.ts"]);
for (const side of [192, 512]) {
  await writeFile(`${centre}icon-${side}.png`, icon(side));
}
