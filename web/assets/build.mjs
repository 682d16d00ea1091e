// Builds web/static from web/assets: app.js and app.css, one bundle for each file in pages/ (loaded only where it is
// needed), and everything in public/ as it is. The folder is made anew each time, so no file outlives its source.
import { build } from "esbuild";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");
const pages = existsSync(join(here, "pages"))
  ? readdirSync(join(here, "pages")).filter((name) => /\.(js|css)$/.test(name)).map((name) => join(here, "pages", name))
  : [];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
if (existsSync(join(here, "public"))) cpSync(join(here, "public"), out, { recursive: true });

await build({
  absWorkingDir: here,
  entryPoints: [join(here, "app.js"), join(here, "app.css"), ...pages],
  outdir: out,
  outbase: here,
  bundle: true,
  minify: true,
  sourcemap: false,
  charset: "utf8",
  format: "iife",
  target: ["es2020", "chrome90", "firefox90", "safari15"],
  // Files named by an absolute address are served as they are, from public/.
  external: ["/static/*"],
  loader: { ".woff2": "file", ".svg": "file", ".png": "file" },
  legalComments: "linked",
  logLevel: "warning",
});
