// npm start: installs, builds, and opens Node-RED with the first example on the OBS simulator.
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, checkNode, fail, install, packageJson, root } from './common.mjs';

const usage = `npm start                                  the first example, on the OBS simulator
npm start -- --port 1881                   at another port
npm start -- --obs ws://192.168.1.20:4455  with a real OBS; --password SECRET where it wants one
npm start -- --userDir DIR                 keeps flows and settings in DIR instead of .node-red`;

const passwordVariable = 'LIVE_OBS_PASSWORD';

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: process.env.PORT || '1880' },
        obs: { type: 'string' },
        password: { type: 'string' },
        userDir: { type: 'string', default: join(root, '.node-red') },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65535) fail(`"${values.port}" is no port.\n\n${usage}`);
    return {
      ...values,
      port,
      obs: values.obs === undefined ? null : obsAddress(values.obs),
      userDir: resolve(values.userDir),
    };
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`);
  }
}

function obsAddress(text) {
  const address = URL.canParse(text) ? new URL(text) : null;
  if (!address || !['ws:', 'wss:'].includes(address.protocol) || !address.hostname)
    return fail(`"${text}" is no address of OBS: it looks like ws://127.0.0.1:4455.`);
  return {
    connectTo: 'obs',
    host: address.hostname,
    port: address.port || '4455',
    tls: address.protocol === 'wss:',
  };
}

/** Node-RED would only say EADDRINUSE, long after it started. */
async function checkPort(port) {
  const fault = await new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(error.code));
    server.listen(port, '127.0.0.1', () => server.close(() => done(null)));
  });
  const other = `npm start -- --port ${port === 65535 ? 1880 : port + 1}`;
  if (fault === 'EADDRINUSE')
    fail(`Port ${port} is taken, perhaps by another Node-RED. Choose another: ${other}`);
  if (fault) fail(`Port ${port} cannot be opened (${fault}). Choose another: ${other}`);
}

/** The package is linked, not copied, so that a new build is there at the next start. */
function linkPackage(userDir) {
  const link = join(userDir, 'node_modules', packageJson.name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(root, link, 'junction');
  const file = join(userDir, 'package.json');
  const own = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { name: 'node-red-project', description: 'A Node-RED project', version: '0.0.1', private: true };
  own.dependencies = { ...own.dependencies, [packageJson.name]: `file:${root}` };
  writeFileSync(file, `${JSON.stringify(own, null, 4)}\n`);
}

/** The nodes of the first example, on a tab; none when there is no example. */
function firstExample() {
  const folder = join(root, 'examples');
  const files = (existsSync(folder) ? readdirSync(folder, { recursive: true }) : []).map(String);
  const file = files.filter((name) => name.endsWith('.json')).sort()[0];
  if (!file) return [];
  const nodes = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const tabs = new Set(nodes.filter(({ type }) => type === 'tab' || type === 'subflow').map(({ id }) => id));
  const homeless = [...new Set(nodes.map(({ z }) => z).filter((z) => z && !tabs.has(z)))];
  return [
    ...homeless.map((id) => ({ id, type: 'tab', label: 'Start here', disabled: false, info: '' })),
    ...nodes,
  ];
}

/** A person's own flow is kept as it is; only with --obs the connection is turned to that address. */
function writeFlow(userDir, obs) {
  // flows of their own, so that no rehearsal turns into a show by itself
  const name = obs ? 'flows-obs.json' : 'flows.json';
  const file = join(userDir, name);
  const isNew = !existsSync(file);
  if (!isNew && !obs) return name;
  const nodes = isNew ? firstExample() : JSON.parse(readFileSync(file, 'utf8'));
  const connections = nodes.filter(({ type }) => type === 'live-obs-connection');
  if (obs && connections[0]) Object.assign(connections[0], obs);
  writeFileSync(file, `${JSON.stringify(nodes, null, 4)}\n`);
  if (isNew) {
    // the password itself is never written down: Node-RED fills the variable in when it starts the flow
    const credentials =
      obs && connections[0] ? { [connections[0].id]: { password: `\${${passwordVariable}}` } } : {};
    const file = join(userDir, name.replace('.json', '_cred.json'));
    writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 });
  }
  return name;
}

/** Says the address once the editor really answers. */
async function announce(url, obs) {
  for (;;) {
    const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => null);
    if (answer?.ok) break;
    await new Promise((done) => setTimeout(done, 200));
  }
  const where = obs ? `OBS at ${obs.host}:${obs.port}` : 'the OBS simulator';
  console.log(`\n== Node-RED with ${where} is ready: ${url}   (Ctrl+C ends it)\n`);
}

checkNode();
const { port, obs, password, userDir } = readOptions();
await checkPort(port);
install();
if (!build()) fail('The build failed: see above.');
mkdirSync(userDir, { recursive: true });
linkPackage(userDir);
const flowFile = writeFlow(userDir, obs);
process.env.LIVE_USER_DIR = userDir;
process.env[passwordVariable] = password ?? process.env[passwordVariable] ?? '';

// in this very process, so that Ctrl+C and signals reach Node-RED directly and no child can stay behind
const require = createRequire(import.meta.url);
const program = require.resolve('node-red/red.js');
const settings = join(root, 'scripts', 'node-red-settings.cjs');
process.argv = [
  process.execPath,
  program,
  '--userDir',
  userDir,
  '--settings',
  settings,
  '--port',
  String(port),
  flowFile,
];
require(program);
void announce(`http://127.0.0.1:${port}/`, obs);
