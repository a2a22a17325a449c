// The example flows that need a service, and what a user fills in.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import type { FlowNode } from '../editor/support';

const root = join(__dirname, '..', '..');
const installed = join(__dirname, 'node_modules');
export const folder = join(root, 'examples', '07 Alerts that arrive');

/** The modules of the examples, as startNodeRed wants them. */
export const packages = Object.fromEntries(
  ['node-red-node-email', '@flowfuse/node-red-dashboard'].map((name) => [name, join(installed, name)]),
);

/** The files of the examples by name, without number and end. */
export const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort();

/** The text of an example: its name begins with `start`. */
export function textOf(start: string): string {
  const name = files.find((one) => one.startsWith(start));
  assert.ok(name, `no example ${start}`);
  return readFileSync(join(folder, name), 'utf8');
}

/** The nodes of an example. */
export function nodesOf(start: string): FlowNode[] {
  return JSON.parse(textOf(start)) as FlowNode[];
}

/** The one node of that type (and name) among these. */
export function nodeOf(nodes: FlowNode[], type: string, name?: string): FlowNode {
  const found = nodes.filter((node) => node.type === type && (name === undefined || node.name === name));
  assert.equal(found.length, 1, `${found.length} nodes are ${type} ${name ?? ''}`);
  return found[0]!;
}

interface EnvValue {
  name: string;
  type: string;
  value?: string;
}

/** Fills in the values of a tab, as its dialog does: credentials apart from the others. */
export function fillTab(tab: FlowNode, values: Record<string, string | number>): void {
  const env = tab.env as EnvValue[];
  const credentials: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const entry = env.find((one) => one.name === name);
    assert.ok(entry, `the tab has no ${name}`);
    if (entry.type === 'cred') credentials[name] = String(value);
    else entry.value = String(value);
  }
  tab.credentials = credentials;
}

/** Runs the code of a function node as Node-RED does, and gives what it returned and what it told. */
export function runFunction(
  node: FlowNode,
  msg: object,
  env: Record<string, unknown> = {},
): { result: unknown; errors: string[] } {
  const errors: string[] = [];
  const sandbox = {
    msg,
    env: { get: (name: string) => env[name] },
    node: { error: (text: string) => errors.push(text), status: () => undefined },
  };
  const code = `(function () {\n${String(node.func)}\n})()`;
  const result: unknown = new Script(code).runInContext(createContext(sandbox));
  // what comes from another realm has other prototypes
  return { result: JSON.parse(JSON.stringify(result ?? null)), errors };
}
