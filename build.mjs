// Builds dist/ (runtime by tsc, one folder per node as Node-RED wants it) and resources/ (the dialogs' shared script).
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
process.chdir(root);
const { name: packageName } = JSON.parse(readFileSync('package.json', 'utf8'));

const put = (file, text) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

/** Browser code as one readable script: the flow library's scorecard parses it, so nothing is minified. */
async function script(entry, globalName, define = {}, more = {}) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    define,
    ...more,
    ...(globalName ? { globalName } : {}),
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

/** `<!-- row: name -->` stands for the row that many dialogs have, in editor/rows/name.html. */
function withSharedRows(form) {
  return form.replace(/^( *)<!-- row: (\w+) -->$/gm, (_, indent, row) =>
    readFileSync(join('editor', 'rows', `${row}.html`), 'utf8')
      .trimEnd()
      .replace(/^/gm, indent),
  );
}

/** One node as Node-RED wants it: script and form in one page, help and texts below locales/, its icon beside it. */
async function nodeSet(name) {
  const from = join('nodes', name);
  const to = join('dist', 'nodes', name);
  const type = `live-${name}`;
  const editor = await script(join(from, 'editor.ts'));
  const form = withSharedRows(readFileSync(join(from, 'editor.html'), 'utf8')).trim();
  put(
    join(to, `${name}.html`),
    [
      `<script type="text/javascript" src="resources/${packageName}/editor.js"></script>`,
      `<script type="text/javascript">\n${editor.trim()}\n</script>`,
      `<script type="text/html" data-template-name="${type}">\n${form}\n</script>`,
      '',
    ].join('\n'),
  );
  const help = readFileSync(join(from, 'help.md'), 'utf8').trim();
  put(
    join(to, 'locales', 'en-US', `${name}.html`),
    `<script type="text/markdown" data-help-name="${type}">\n${help}\n</script>\n`,
  );
  const shared = JSON.parse(readFileSync('editor/strings.json', 'utf8'));
  const own = JSON.parse(readFileSync(join(from, 'strings.json'), 'utf8'));
  put(
    join(to, 'locales', 'en-US', `${name}.json`),
    JSON.stringify({ common: shared, ...own }, null, 2) + '\n',
  );
  const icon = join('icons', `live-${name}.svg`);
  if (!existsSync(icon)) throw new Error(`${icon} is missing`);
  mkdirSync(join(to, 'icons'), { recursive: true });
  copyFileSync(icon, join(to, 'icons', `live-${name}.svg`));
}

/** A page for people outside the editor: its script from page.ts, small for phones, and everything else as it is. */
async function page(name) {
  const from = join('pages', name);
  const to = join('dist', 'pages', name);
  put(join(to, 'page.js'), await script(join(from, 'page.ts'), null, {}, { minifyWhitespace: true }));
  for (const file of readdirSync(from).filter((one) => /\.(html|svg)$/.test(one)))
    put(join(to, file), readFileSync(join(from, file)));
  const styles = [join('pages', 'shared', 'base.css'), join(from, 'style.css')];
  put(join(to, 'style.css'), Buffer.concat(styles.map((one) => readFileSync(one))));
}

/** The operator's sidebar, as an editor plugin. */
async function sidebar(name) {
  const text = await script(join('editor', name, 'index.ts'));
  put(
    join('dist', 'plugins', `${name}.html`),
    `<script type="text/javascript">\n${text.trim()}\n</script>\n`,
  );
}

for (const folder of ['dist', 'resources']) rmSync(folder, { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
// the dialogs may import nothing of lib, and a copy of these figures would soon differ
const { PRESET_SETTINGS } = await import('./dist/lib/health/presets.js');
const { RULE_FACTS } = await import('./dist/lib/health/facts.js');
const { WATCHED } = await import('./dist/lib/production/health.js');
const health = {
  LIVE_HEALTH_PRESETS: JSON.stringify(PRESET_SETTINGS),
  LIVE_HEALTH_RULES: JSON.stringify(RULE_FACTS),
  LIVE_HEALTH_WATCHES: JSON.stringify(WATCHED),
};
put('resources/editor.js', await script('editor/index.ts', 'liveProduction', health));
for (const entry of readdirSync('nodes', { withFileTypes: true }))
  if (entry.isDirectory()) await nodeSet(entry.name);
await sidebar('guest-queue');
for (const entry of readdirSync('pages', { withFileTypes: true }))
  if (entry.isDirectory() && entry.name !== 'shared') await page(entry.name);
for (const command of ['dist/simulators/cli.js', 'dist/lib/witness/command/main.js'])
  if (existsSync(command)) chmodSync(command, 0o755);
