// Loaded before the tests: they import the sources for their types, and what runs is the build, as it ships.
import { existsSync } from 'node:fs';
import Module from 'node:module';
import { join, relative, sep } from 'node:path';

const root = join(__dirname, '..', '..');
const shipped = new Set(['lib', 'red', 'nodes', 'simulators']);

type Resolve = (this: unknown, ...args: unknown[]) => string;
const loader = Module as unknown as { _resolveFilename: Resolve };
const resolve = loader._resolveFilename;

loader._resolveFilename = function (...args) {
  const file = resolve.apply(this, args);
  const path = relative(root, file);
  if (!path.endsWith('.ts') || !shipped.has(path.split(sep)[0] ?? '') || path.endsWith(`${sep}editor.ts`))
    return file;
  const built = join(root, 'dist', path.replace(/\.ts$/, '.js'));
  if (!existsSync(built)) throw new Error(`${path} is not built: run "npm run build" first`);
  return built;
};

const expected = process.env.LIVE_EXPECT_NODE;
if (expected && process.versions.node.split('.')[0] !== expected)
  throw new Error(`this ring is for Node ${expected}, and runs on ${process.version}`);
