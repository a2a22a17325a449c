// The Node-RED under test: the package's own, or with LIVE_NODE_RED_DIR the one installed in that folder.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type helperType from 'node-red-node-test-helper';

const folder = resolve(process.env.LIVE_NODE_RED_DIR ?? join(__dirname, '..', '..'));

/** Requires and resolves as a file in the Node-RED folder would. */
export const requireThere = createRequire(join(folder, 'package.json'));

/** Where that Node-RED is installed. */
export const nodeRedDir = join(folder, 'node_modules', 'node-red');

/** Its version, e.g. `4.1.15`. */
export const nodeRedVersion = (
  JSON.parse(readFileSync(join(nodeRedDir, 'package.json'), 'utf8')) as { version: string }
).version;

const expected = process.env.LIVE_EXPECT_NODE_RED;
if (expected && nodeRedVersion.split('.')[0] !== expected)
  throw new Error(`this ring is for Node-RED ${expected}, and found ${nodeRedVersion}`);

/** The test helper bound to that Node-RED. One for each process. */
export function testHelper(): typeof helperType {
  const helper = requireThere('node-red-node-test-helper') as typeof helperType;
  helper.init(requireThere.resolve('node-red'));
  return helper;
}
