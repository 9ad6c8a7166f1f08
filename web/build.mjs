// Bundles the two pages' sources into the static files that edge serves. No option, no watch mode:
// a build of everything takes well under a second.
import { build } from "esbuild";
import { rm } from "node:fs/promises";

const built = new URL("../edge/web/static/built/", import.meta.url).pathname;

await rm(built, { recursive: true, force: true });
await build({
  absWorkingDir: new URL(".", import.meta.url).pathname,
  entryPoints: ["src/guard.ts", "src/lane.ts", "src/guard.css", "src/lane.css"],
  outdir: built,
  bundle: true,
  minify: true,
  format: "esm",
  // A lane screen may be an old phone.
  target: ["es2020", "chrome80", "safari14", "firefox78"],
  // The licences of what is bundled stay beside it.
  legalComments: "linked",
  logLevel: "info",
});
