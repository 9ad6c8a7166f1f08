// Bundles the two pages' sources into the static files that edge serves. No option, no watch mode:
// a build of everything takes well under a second.
import { build } from "esbuild";
import { rm } from "node:fs/promises";

const built = new URL("../edge/web/static/built/", import.meta.url).pathname;
const here = new URL(".", import.meta.url).pathname;

await rm(built, { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: ["src/guard.ts", "src/guard.css", "src/lights.ts", "src/lights.css", "src/icon.svg"],
  outdir: built,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2020", "chrome80", "safari14.1", "firefox78"],
  loader: { ".svg": "copy" },
  // The licences of what is bundled stay beside it.
  legalComments: "linked",
  logLevel: "info",
});
// A lane screen may be an old phone: no modules, and nothing newer than ES2018.
await build({
  absWorkingDir: here,
  entryPoints: ["src/lane.ts", "src/lane.css"],
  outdir: built,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2018",
  logLevel: "info",
});
