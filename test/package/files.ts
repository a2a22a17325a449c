// The package as files: what is tracked, what each source imports, what each node's dialog declares.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { parse } from 'acorn';
import type { CallExpression, Literal, ObjectExpression, Program, Property } from 'acorn';

export const root = join(__dirname, '..', '..');

export const read = (file: string): string => readFileSync(join(root, file), 'utf8');

export interface PackageJson {
  name: string;
  version: string;
  license?: string;
  repository?: unknown;
  bugs?: unknown;
  keywords: string[];
  engines: { node: string };
  dependencies?: Record<string, string>;
  bin?: Record<string, string>;
  files: string[];
  'node-red': { version: string; nodes: Record<string, string> };
}

export const packageJson = JSON.parse(read('package.json')) as PackageJson;

/** The node sets by name, e.g. `start-stream`. */
export const nodeNames = Object.keys(packageJson['node-red'].nodes);

/** Every file below a folder of the repository, as paths from its root with forward slashes; none when it is missing. */
export function filesBelow(folder: string, end = ''): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((file) => file.endsWith(end) && statSync(join(root, file)).isFile())
      .map((file) => file.split(sep).join('/'))
      .sort();
  } catch {
    return [];
  }
}

/** What git keeps; without git, what would be. */
export function trackedFiles(): string[] {
  try {
    return execFileSync('git', ['ls-files', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\0')
      .filter((file) => file !== '');
  } catch {
    const built = /^(\.git|\.node-red|node_modules|dist|resources|build|coverage)$/;
    const entries = readdirSync(root, { withFileTypes: true }).filter(({ name }) => !built.test(name));
    return entries
      .flatMap((entry) => (entry.isFile() ? [entry.name] : filesBelow(entry.name)))
      .filter((file) => !file.includes('/node_modules/'));
  }
}

/** Bytes below a folder. */
export function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

export interface Import {
  /** as a path from the root for our own files, else the module's name */
  target: string;
  own: boolean;
  typeOnly: boolean;
}

/** What a source imports, with `export … from`, `import()` and `require()` too. */
export function importsOf(file: string): Import[] {
  const text = read(file).replace(/^\s*\/\/.*$/gm, '');
  const found: { name: string; typeOnly: boolean }[] = [];
  for (const [, type, names, name] of text.matchAll(
    /\b(?:import|export)\s+(type\s+)?([\w*{}\s,$]*?)\bfrom\s*['"]([^'"]+)['"]/g,
  )) {
    const inner = /^\s*\{([^}]*)\}\s*$/.exec(names ?? '')?.[1];
    const allTypes = inner !== undefined && inner.split(',').every((one) => /^\s*(type\s|$)/.test(one));
    found.push({ name: name ?? '', typeOnly: type !== undefined || allTypes });
  }
  for (const [, name] of text.matchAll(/\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ name: name ?? '', typeOnly: false });
  for (const [, name] of text.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm))
    found.push({ name: name ?? '', typeOnly: false });
  return found.map(({ name, typeOnly }) => {
    const own = name.startsWith('.');
    const target = own
      ? relative(root, join(root, dirname(file), name))
          .split(sep)
          .join('/')
      : name;
    return { target, own, typeOnly };
  });
}

export interface Definition {
  type: string;
  properties: Map<string, Property['value']>;
}

/**
 * The types a built dialog registers, read as the flow library's scorecard reads them.
 * @throws Error where a script cannot be parsed, or type and definition are not written out in the call
 */
export function definitionsIn(html: string): Definition[] {
  const definitions: Definition[] = [];
  for (const [, script] of html.matchAll(
    /<script.+?type=['"]text\/javascript['"].*?>([\S\s]*?)<\/script>/gi,
  )) {
    for (const call of callsOf(parse(script ?? '', { ecmaVersion: 'latest' }), 'registerType')) {
      const [type, definition] = call.arguments;
      if (type?.type !== 'Literal') throw new Error('the type is no literal');
      if (definition?.type !== 'ObjectExpression') throw new Error('the definition is not inline');
      definitions.push({ type: String(type.value), properties: propertiesOf(definition) });
    }
  }
  return definitions;
}

/** The properties of an object literal by name. */
export function propertiesOf(object: ObjectExpression): Map<string, Property['value']> {
  return new Map(
    object.properties.map((property) => {
      if (property.type !== 'Property') throw new Error('the definition spreads another object');
      const { key } = property;
      return [key.type === 'Identifier' ? key.name : String((key as Literal).value), property.value];
    }),
  );
}

function callsOf(program: Program, name: string): CallExpression[] {
  const calls: CallExpression[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    const node = value as { type?: string };
    if (node.type === 'CallExpression') {
      const call = value as CallExpression;
      const { callee } = call;
      if (
        callee.type === 'MemberExpression' &&
        callee.property.type === 'Identifier' &&
        callee.property.name === name
      )
        calls.push(call);
    }
    Object.values(value).forEach(visit);
  };
  visit(program);
  return calls;
}

export interface FlowNode {
  id: string;
  type: string;
  name?: string;
  z?: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** Modules of others that an example may need: what it has to name in its global-config, and the types that come with it. */
export const foreignTypes: Record<string, RegExp> = {
  'node-red-node-email': /^e-mail$/,
  '@flowfuse/node-red-dashboard': /^ui-[a-z-]+$/,
};

/** The modules an example names, as the editor's own export does in its global-config: {name: version}. */
export function modulesOf(nodes: FlowNode[]): Record<string, string> {
  const config = nodes.find(({ type }) => type === 'global-config');
  return (config?.modules ?? {}) as Record<string, string>;
}

/** The example flows by file. */
export function examples(): Map<string, FlowNode[]> {
  return new Map(filesBelow('examples', '.json').map((file) => [file, JSON.parse(read(file)) as FlowNode[]]));
}
