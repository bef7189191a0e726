// Builds static/dist from js/, css/, img/ and the npm packages; `--watch` builds again after each change.
// Usage: node static/build.mjs [--watch]
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync, watch } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import zlib from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const dist = path.join(here, "dist");
const packages = path.join(here, "node_modules");
const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

class BuildError extends Error {}

/** Every file below a folder whose name ends with one of the endings, or [] where the folder is missing. */
async function filesBelow(folder, ...endings) {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The files whose words decide which CSS and which icons are shipped. */
async function sources() {
  const files = [
    ...(await filesBelow(path.join(root, "templates"), ".html")),
    ...(await filesBelow(path.join(root, "webapp"), ".py")),
    ...(await filesBelow(path.join(here, "js"), ".js")),
  ];
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(file, "utf8") })));
}

async function bundleScripts({ esbuild }) {
  const result = await esbuild.build({
    entryPoints: Object.fromEntries(["app", "earnings", "theme"].map((name) => [name, path.join(here, `js/${name}.js`)])),
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    outdir: dist,
    logLevel: "silent",
  });
  return result.outputFiles.map(({ path: name, contents }) => [path.basename(name), Buffer.from(contents)]);
}

async function bundleStyles({ esbuild, PurgeCSS }, content) {
  const bundled = await esbuild.build({
    entryPoints: [path.join(here, "css/app.css")],
    bundle: true,
    write: false,
    outdir: dist,
    target: "esnext",
    legalComments: "none",
    logLevel: "silent",
  });
  const used = {
    content: content.map(({ file, text }) => ({ raw: text, extension: path.extname(file).slice(1) })),
    defaultExtractor: (text) => [...(text.match(/[A-Za-z0-9_-]+/g) ?? []), ...attributesSet(text)],
    // Set by scripts of libraries or by the browser, so no source names them.
    safelist: { standard: [/^htmx-/, /^sortable-/], greedy: [/data-bs-theme/] },
    blocklist: ["steps"], // asks :has() of everything's parent
    variables: true,
    keyframes: true,
    fontFace: true,
  };
  const [purged] = await new PurgeCSS().purge({ ...used, css: [{ raw: bundled.outputFiles[0].text }] });
  await refuseWhatNobodyNames({ PurgeCSS }, used);
  // The framework's rule for what follows a legend asks everything for what stands before it: a row that came into a table
  // had all the other rows styled anew, a tenth of a second in the matrix. Our legends do not float.
  const kept = purged.css.replace(/legend\s*\+\s*\*\s*\{[^}]*\}/g, "");
  const { code } = await esbuild.transform(kept, { loader: "css", minify: true, target: "esnext" });
  const remote = code.match(/url\((?!\s*["']?(?:data:|#))[^)]{0,80}/);
  if (remote) throw new BuildError(`css: ${remote[0]}) would be a request of its own; only data: is allowed`);
  return [["app.css", Buffer.from(code)]];
}

/** The attributes that a script sets by dataset.oneTwo: data-one-two. */
function attributesSet(text) {
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return [...text.matchAll(/\bdataset\.(\w+)/g)].map(([, name]) => `data-${kebab(name)}`);
}

/** A rule of our own that no source names would be left out in silence: either it is dead, or it is missing. */
async function refuseWhatNobodyNames({ PurgeCSS }, used) {
  const own = await filesBelow(path.join(here, "css"), ".css");
  const css = await Promise.all(own.map(async (file) => ({ raw: (await readFile(file, "utf8")).replace(/@import[^;]*;/g, "") })));
  const left = (await new PurgeCSS().purge({ ...used, css, rejected: true })).flatMap(({ rejected }) => rejected ?? []);
  if (left.length) throw new BuildError(`css: no source names ${[...new Set(left.map((each) => each.trim()))].join(", ")}`);
}

/** What stands between a bracket at `start` and its partner. */
function bracketed(text, start) {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if ("([{".includes(text[at])) depth += 1;
    else if (")]}".includes(text[at]) && (depth -= 1) === 0) return text.slice(start + 1, at);
  }
  return "";
}

const LITERAL = /["']([a-z0-9-]+)["']/g;

/**
 * Names of icons. Certain, so that a misspelt one fails the build: icon("name"), icon="name", icon_name="name".
 * Likely: any text that is an icon's name in Python, inside a call of a macro that takes one, or inside a literal
 * called *icons.
 */
function iconNames(content) {
  const certain = new Map();
  const likely = new Set();
  for (const { file, text } of content.filter(({ file: name }) => !name.endsWith(".js"))) {
    for (const [, name] of text.matchAll(/\bicon(?:_name)?\s*[(=]\s*["']([a-z0-9-]+)["']/g)) {
      if (!certain.has(name)) certain.set(name, path.relative(root, file));
    }
    const openings = /\b(?:icon|button|link_button|icon_button|empty_state|notice|badge|menu|menu_post|timeline_item)\(|\b\w*icons?\b[^=\n({[]*(?:\[[^\]\n]*\])?\s*=\s*[({[]/gi;
    for (const opening of text.matchAll(openings)) {
      const inside = bracketed(text, opening.index + opening[0].length - 1);
      for (const [, name] of inside.matchAll(LITERAL)) likely.add(name);
    }
    if (file.endsWith(".py")) for (const [, name] of text.matchAll(LITERAL)) likely.add(name);
  }
  return { certain, likely };
}

/** The file of an icon: "phone" is the outline, "star-filled" the filled star. */
function iconFile(name) {
  const filled = name.endsWith("-filled") && path.join(packages, "@tabler/icons/icons/filled", `${name.slice(0, -7)}.svg`);
  if (filled && existsSync(filled)) return filled;
  const outline = path.join(packages, "@tabler/icons/icons/outline", `${name}.svg`);
  return existsSync(outline) ? outline : null;
}

async function bundleIcons(content) {
  const { certain, likely } = iconNames(content);
  const symbols = [];
  for (const name of [...new Set([...certain.keys(), ...likely])].sort()) {
    const file = iconFile(name);
    if (!file) {
      if (certain.has(name)) throw new BuildError(`${certain.get(name)}: Tabler has no icon named "${name}"`);
      continue;
    }
    const svg = await readFile(file, "utf8");
    const shapes = svg
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/g, "")
      .replace(/\s+/g, " ")
      .trim();
    const paint = file.includes(`${path.sep}filled${path.sep}`) ? ' fill="currentColor" stroke="none"' : "";
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24"${paint}>${shapes}</symbol>`);
  }
  return [["icons.svg", Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`)]];
}

async function pictures() {
  const files = await filesBelow(path.join(here, "img"), ".svg", ".png", ".ico");
  return Promise.all(files.map(async (file) => [path.basename(file), await readFile(file)]));
}

/** Whole families with Latin, Cyrillic and the rouble sign, for documents only: a page never loads them. */
async function copyFonts(folder) {
  const from = path.join(packages, "@expo-google-fonts/pt-sans");
  const faces = { "400Regular/PTSans_400Regular": "PTSans-Regular", "400Regular_Italic/PTSans_400Regular_Italic": "PTSans-Italic",
    "700Bold/PTSans_700Bold": "PTSans-Bold", "700Bold_Italic/PTSans_700Bold_Italic": "PTSans-BoldItalic" };
  await mkdir(folder, { recursive: true });
  for (const [source, name] of Object.entries(faces)) {
    await cp(path.join(from, `${source}.ttf`), path.join(folder, `${name}.ttf`));
  }
}

/** Writes one file under a name with the hash of its content, beside it the same in brotli and gzip. */
async function emit(folder, name, content) {
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}.${createHash("sha256").update(content).digest("hex").slice(0, 10)}${ext}`;
  await writeFile(path.join(folder, hashed), content);
  if (ext === ".png") return { name, hashed, sent: content.length };
  const small = await brotli(content, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } });
  await writeFile(path.join(folder, `${hashed}.br`), small);
  await writeFile(path.join(folder, `${hashed}.gz`), await gzip(content, { level: 9 }));
  return { name, hashed, sent: small.length };
}

async function build() {
  const started = performance.now();
  let tools;
  try {
    tools = { esbuild: await import("esbuild"), PurgeCSS: (await import("purgecss")).PurgeCSS };
  } catch {
    throw new BuildError("the packages are missing: run `npm ci --prefix static` first");
  }
  const content = await sources();
  const outputs = (await Promise.all([bundleScripts(tools), bundleStyles(tools, content), bundleIcons(content), pictures()])).flat();
  // Built beside and renamed, so that a running server never sees half a build.
  const next = `${dist}.${process.pid}`;
  await rm(next, { recursive: true, force: true });
  await mkdir(next, { recursive: true });
  const written = await Promise.all(outputs.map(([name, bytes]) => emit(next, name, bytes)));
  const manifest = Object.fromEntries(written.sort((a, b) => a.name.localeCompare(b.name)).map(({ name, hashed }) => [name, hashed]));
  await writeFile(path.join(next, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyFonts(path.join(next, "fonts"));
  await rm(dist, { recursive: true, force: true });
  await rename(next, dist);
  const sizes = written.map(({ name, sent }) => `${name} ${(sent / 1024).toFixed(1)}`).join(", ");
  console.log(`static/dist built in ${((performance.now() - started) / 1000).toFixed(1)} s (KB in brotli: ${sizes})`);
}

async function attempt() {
  try {
    await build();
    return true;
  } catch (error) {
    const [first] = error.errors ?? [];
    const where = first?.location ? `${path.relative(root, path.resolve(first.location.file))}:${first.location.line}: ` : "";
    console.error(`front-end build failed: ${where}${first?.text ?? (error instanceof BuildError ? error.message : error.stack)}`);
    return false;
  }
}

if (process.argv.includes("--watch")) {
  let timer;
  const again = () => { clearTimeout(timer); timer = setTimeout(attempt, 200); };
  await attempt();
  for (const folder of ["templates", "webapp", "static/js", "static/css", "static/img"]) {
    if (existsSync(path.join(root, folder))) watch(path.join(root, folder), { recursive: true }, again);
  }
} else if (!(await attempt())) {
  process.exitCode = 1;
}
