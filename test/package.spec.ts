// What the package promises as a package: the flow library's rules, its own house rules, its budgets. All offline.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BADGES } from '../red/badges';
import { ERRORS } from '../lib/errors';
import {
  definitionsIn,
  examples,
  filesBelow,
  foreignTypes,
  importsOf,
  modulesOf,
  nodeNames,
  packageJson,
  propertiesOf,
  read,
  root,
  trackedFiles,
} from './package/files';
import { pathsOf, samples } from './package/messages';
import { sharedNodes } from './package/shared-nodes';

interface Semver {
  satisfies(version: string, range: string): boolean;
  minVersion(range: string): { version: string } | null;
}
const semver = createRequire(join(root, 'package.json'))('semver') as Semver;

const nodeRed = (folder: string): { version: string; engines: { node: string } } =>
  JSON.parse(read(join(folder, 'node_modules', 'node-red', 'package.json'))) as never;

const dialogOf = (name: string): string => read(`dist/nodes/${name}/${name}.html`);
const definitionOf = (name: string) => {
  const [definition] = definitionsIn(dialogOf(name));
  assert.ok(definition, `${name} registers no type`);
  return definition;
};
const literal = (name: string, property: string): unknown => {
  const value = definitionOf(name).properties.get(property);
  return value?.type === 'Literal' ? value.value : undefined;
};
const isConfig = (name: string): boolean => literal(name, 'category') === 'config';
const flowNames = nodeNames.filter((name) => !isConfig(name));

describe("the flow library's scorecard", () => {
  it('P01, P03: names a licence and where to report', () => {
    assert.equal(packageJson.license, 'MIT');
    assert.match(read('LICENSE'), /MIT License/);
    assert.ok(packageJson.repository);
    assert.ok(packageJson.bugs);
  });

  it('P04, P05: has a scoped name and the keyword', () => {
    assert.match(packageJson.name, /^@[a-z0-9-]+\/node-red-[a-z0-9-]+$/);
    assert.ok(packageJson.keywords.includes('node-red'));
  });

  it('P06: takes the Node-RED versions it is tested on', () => {
    const own = nodeRed('.').version;
    assert.match(own, /^4\.1\./);
    assert.ok(semver.satisfies(own, packageJson['node-red'].version));
    if (!existsSync(join(root, 'test/matrix/node_modules/node-red'))) return;
    assert.ok(semver.satisfies(nodeRed('test/matrix').version, packageJson['node-red'].version));
  });

  it('P07: takes the oldest Node.js that each of these takes, from its own floor on', () => {
    const ranges = [nodeRed('.').engines.node, '>=22.9'];
    if (existsSync(join(root, 'test/matrix/node_modules/node-red')))
      ranges.push(nodeRed('test/matrix').engines.node);
    for (const range of ranges) {
      const least = semver.minVersion(range)?.version ?? '';
      const isOlder = semver.satisfies(least, '<20.19.0');
      assert.ok(isOlder || semver.satisfies(least, packageJson.engines.node), `Node.js ${least}`);
    }
    for (const version of ['20.19.0', '22.9.0', '24.0.0'])
      assert.ok(semver.satisfies(version, packageJson.engines.node));
  });

  it('D01: depends on six packages at most, each with a range', () => {
    const dependencies = Object.entries(packageJson.dependencies ?? {});
    assert.ok(dependencies.length <= 6);
    for (const [name, range] of dependencies) assert.match(range, /^[~^]\d/, name);
  });

  for (const name of nodeNames)
    it(`N01: the dialog of ${name} can be read: literal type, colour, icon, category, inputs and outputs`, () => {
      const definitions = definitionsIn(dialogOf(name));
      assert.deepEqual(
        definitions.map(({ type }) => type),
        [`live-${name}`],
      );
      const { properties } = definitionOf(name);
      assert.equal(properties.get('defaults')?.type, 'ObjectExpression');
      const config = isConfig(name);
      for (const property of config
        ? ['category', 'icon']
        : ['category', 'icon', 'color', 'inputs', 'outputs'])
        assert.equal(properties.get(property)?.type, 'Literal', property);
      if (!config) {
        assert.ok(['live production', 'live guests'].includes(String(literal(name, 'category'))));
        assert.ok(Number(literal(name, 'outputs')) <= 2);
      }
      assert.equal(typeof literal(name, 'paletteLabel'), 'string');
    });

  it('N02: shows every node in an example', () => {
    const shown = new Set([...examples().values()].flat().map(({ type }) => type));
    assert.deepEqual(
      nodeNames.filter((name) => !shown.has(`live-${name}`)),
      [],
    );
  });
});

describe('every node', () => {
  const tests = filesBelow('test/nodes', '.ts').map(read).join('\n');

  it('is a folder that package.json names, and the other way round', () => {
    const folders = new Set(filesBelow('nodes').map((file) => file.split('/')[1] ?? ''));
    assert.deepEqual([...folders].sort(), [...nodeNames].sort());
    for (const [name, entry] of Object.entries(packageJson['node-red'].nodes))
      assert.equal(entry, `dist/nodes/${name}/${name}.js`);
  });

  for (const name of nodeNames)
    it(`${name} has runtime, dialog, help, strings, icon and a test`, () => {
      for (const file of [`${name}.ts`, 'editor.ts', 'editor.html', 'help.md', 'strings.json'])
        assert.ok(existsSync(join(root, 'nodes', name, file)), file);
      assert.equal(literal(name, 'icon'), `live-${name}.svg`);
      assert.match(read(`dist/nodes/${name}/icons/live-${name}.svg`), /<svg[^>]+viewBox="0 0 40 60"/);
      assert.match(
        read(`dist/nodes/${name}/locales/en-US/${name}.html`),
        new RegExp(`data-help-name="live-${name}"`),
      );
      JSON.parse(read(`dist/nodes/${name}/locales/en-US/${name}.json`));
      assert.match(tests, new RegExp(`['"\`]live-${name}['"\`]`), `no test in test/nodes names live-${name}`);
    });

  for (const name of flowNames)
    it(`${name}: the help names everything its message carries`, () => {
      const sample = samples[name];
      assert.ok(sample, 'no sample in test/package/messages.ts');
      const lines = read(`nodes/${name}/help.md`).split('\n');
      const lineOf = (path: string) =>
        lines.find((line) => line.replaceAll('*', '').startsWith(`: ${path} (`));
      const missing = pathsOf(sample).filter((path) => {
        const cut = path.lastIndexOf('.');
        const parent = cut < 0 ? undefined : lineOf(path.slice(0, cut));
        const inParent = parent?.match(/[A-Za-z_]\w*/g)?.includes(path.slice(cut + 1));
        return !lineOf(path) && !inParent;
      });
      assert.deepEqual(missing, []);
      // Node-RED's help shows a list of properties as one only where no description holds a colon
      assert.deepEqual(
        lines.filter((line) => /^: [^:]*:[^:]*:/.test(line)),
        [],
      );
    });
});

describe('the examples', () => {
  const shared = new Map(sharedNodes.map((node) => [node.id, JSON.stringify(node)]));
  const idOfShared = new Map(sharedNodes.map(({ name, id }) => [name, id]));
  const isConnection = ({ type }: { type: string }) => /^live-(obs|vmix)-connection$/.test(type);
  const ids = new Map<string, string>();
  const core =
    /^(tab|comment|group|inject|debug|catch|status|complete|link (in|out|call)|function|switch|change|template|delay|trigger|http in|http response|http request|file|http request|mqtt out|mqtt in|mqtt-broker|global-config)$/;
  const services = JSON.parse(read('test/services/package-lock.json')) as {
    packages: Record<string, { version: string } | undefined>;
  };

  for (const [file, nodes] of examples())
    it(`${file.slice('examples/'.length)} imports cleanly`, () => {
      const tabs = nodes.filter(({ type }) => type === 'tab');
      assert.equal(tabs.length, 1);
      assert.ok(
        nodes.some(({ type, info }) => type === 'comment' && String(info).length > 100),
        'no comment explains it',
      );
      const here = new Map(nodes.map((node) => [node.id, node]));
      assert.equal(here.size, nodes.length, 'an id comes twice');
      const modules = modulesOf(nodes);
      for (const [name, version] of Object.entries(modules)) {
        if (name === packageJson.name) {
          assert.equal(version, packageJson.version, `the version of ${name} that its global-config names`);
          continue;
        }
        const types = foreignTypes[name];
        assert.ok(types && nodes.some(({ type }) => types.test(type)), `${name} is named, but not needed`);
        const tested = services.packages[`node_modules/${name}`]?.version;
        assert.equal(version, tested, `the version of ${name} is not the one of test/services`);
      }
      for (const { env, type } of nodes.filter(({ type }) => type === 'tab' || type === 'global-config'))
        for (const value of (env ?? []) as { type: string; value?: string }[])
          assert.ok(value.type !== 'cred' || !('value' in value), `a credential in ${type}`);
      for (const node of nodes) {
        const own = node.type.startsWith('live-');
        const bringsIt = (name: string): boolean => foreignTypes[name]?.test(node.type) ?? false;
        assert.ok(
          own || core.test(node.type) || Object.keys(modules).some(bringsIt),
          `${node.type} is neither ours nor Node-RED's, nor of a module the global-config names`,
        );
        assert.ok(!('credentials' in node), 'credentials');
        for (const id of (node.wires ?? []).flat()) assert.ok(here.has(id), `${node.id} is wired to nothing`);
        if (node.z) assert.equal(node.z, tabs[0]?.id);
        else if (node.type !== 'tab') {
          // a config node that other examples have too must be the very same, so that a second import finds it
          const text = JSON.stringify(node);
          assert.equal(
            shared.get(node.id) ?? text,
            text,
            `${node.name} differs from that of another example`,
          );
          shared.set(node.id, text);
          continue;
        }
        assert.ok(!ids.has(node.id), `the id of ${node.type} is that of a node in ${ids.get(node.id)}`);
        ids.set(node.id, file);
      }
      for (const node of nodes.filter(({ type }) => type.startsWith('live-'))) {
        const { properties } = definitionOf(node.type.slice('live-'.length));
        const defaults = properties.get('defaults');
        assert.ok(defaults?.type === 'ObjectExpression');
        const saved = [...propertiesOf(defaults).keys()].sort();
        const had = Object.keys(node).filter(
          (key) => !['id', 'type', 'z', 'x', 'y', 'wires', 'd'].includes(key),
        );
        assert.deepEqual(had.sort(), saved, node.type);
        if (isConnection(node)) {
          assert.equal(node.connectTo, 'rehearsal');
          assert.equal(idOfShared.get(String(node.name)) ?? node.id, node.id, `the id of ${node.name}`);
        }
        for (const key of ['obs', 'vmix', 'target'].filter((one) => node[one]))
          assert.ok(here.has(String(node[key])), `${node.type} points to a missing ${key}`);
      }
    });
});

describe('the house', () => {
  const sources = ['lib', 'red', 'nodes', 'simulators', 'editor', 'pages'].flatMap((folder) =>
    filesBelow(folder, '.ts'),
  );
  const configNodes = new Set(nodeNames.filter(isConfig));
  const pure = ['production', 'connection', 'health', 'switching', 'witness', 'durable', 'keys', 'queue'];
  const clients = ['obs', 'vmix', 'media-servers', 'rtmp', 'frames'];

  /** The sentence that forbids this import, or null. */
  function forbidden(file: string, target: string, own: boolean, typeOnly: boolean): string | null {
    const [top = '', second = ''] = file.split('/');
    const [toTop = '', toSecond = ''] = target.split('/');
    const inBrowser = top === 'editor' || top === 'pages' || file.endsWith('/editor.ts');
    if (!own) {
      if (top === 'lib' && /^(node-red|express|@node-red)/.test(target)) return 'lib never imports Node-RED';
      if (top === 'lib' && pure.includes(second) && /^(ws|obs-websocket-js|undici)/.test(target))
        return 'the pure folders know no client';
      return null;
    }
    if (inBrowser) {
      if (toTop === 'lib') return typeOnly ? null : 'browser code imports only types from lib';
      return ['editor', 'pages', top].includes(toTop) ? null : 'browser code imports browser code';
    }
    switch (top) {
      case 'lib':
        if (toTop !== 'lib') return 'lib imports nothing of ours outside lib';
        // what a client is to others is no client
        if (pure.includes(second) && clients.includes(toSecond) && !(typeOnly && target.endsWith('/types')))
          return 'the pure folders know no client';
        if ((second === 'obs' && toSecond === 'vmix') || (second === 'vmix' && toSecond === 'obs'))
          return 'lib/obs and lib/vmix do not know each other';
        if (['rtmp', 'frames'].includes(second) && ['obs', 'vmix', 'ingest'].includes(toSecond))
          return 'lib/rtmp and lib/frames know no application';
        if (second === 'ingest' && ['obs', 'vmix'].includes(toSecond))
          return 'one application does not know another';
        return null;
      case 'red':
        return ['red', 'lib'].includes(toTop) ? null : 'red imports lib';
      case 'simulators':
        if (toTop === 'simulators') return null;
        return toTop === 'lib' && typeOnly ? null : 'simulators import only types of lib';
      default:
        if (toTop === 'nodes') return toSecond === second ? null : 'a node imports no other node';
        if (toTop === 'simulators')
          return configNodes.has(second) ? null : 'only config nodes import simulators';
        return ['red', 'lib'].includes(toTop) ? null : 'nodes import red and lib';
    }
  }

  it('imports go one way', () => {
    const faults = sources.flatMap((file) =>
      importsOf(file).flatMap(({ target, own, typeOnly }) => {
        const rule = forbidden(file, target, own, typeOnly);
        return rule ? [`${file} imports ${target}: ${rule}`] : [];
      }),
    );
    assert.ok(sources.length > 50);
    assert.deepEqual(faults, []);
  });

  it('messages come in by one door, and nodes close by one', () => {
    const doors = (event: string) => sources.filter((file) => read(file).includes(`.on('${event}'`));
    assert.deepEqual(doors('input'), ['red/on-input.ts']);
    assert.deepEqual(
      doors('close').filter((file) => /^(red|nodes)\//.test(file)),
      ['red/on-close.ts', 'red/on-input.ts'],
    );
  });

  it('every error code is used, and stands in a help', () => {
    const code = sources.filter(
      (file) => file !== 'lib/errors.ts' && /^(lib|red|nodes)\//.test(file) && !file.endsWith('/editor.ts'),
    );
    const text = code.map(read).join('\n');
    const help = filesBelow('nodes', 'help.md').map(read).join('\n');
    const codes = Object.keys(ERRORS);
    assert.deepEqual(
      codes.filter((name) => !text.includes(`'${name}'`)),
      [],
      'never used',
    );
    assert.deepEqual(
      codes.filter((name) => !help.includes(`\`${name}\``)),
      [],
      'in no help',
    );
    const told = new Set([...help.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name ?? ''));
    assert.deepEqual(
      [...told].filter((name) => !codes.includes(name) && name !== 'NODE_EXTRA_CA_CERTS'),
      [],
      'in a help, but unknown',
    );
  });

  it('badges stay under 20 characters, also in a rehearsal', () => {
    for (const { text } of Object.values(BADGES)) assert.ok(`sim ${text}`.length < 20, text);
  });
});

describe('budgets', () => {
  const lines = (file: string): number => read(file).split('\n').length - 1;

  // what each of them may cost: docs/adr/0022
  it('a dialog with its script is 16 kB at most, 9 kB in the mean; the shared script 64 kB, a sidebar 24 kB', () => {
    const bytes = (file: string): number => Buffer.byteLength(read(file));
    const dialogs = nodeNames.map((name) => ({ name, bytes: bytes(`dist/nodes/${name}/${name}.html`) }));
    assert.deepEqual(
      dialogs.filter((one) => one.bytes > 16_000),
      [],
    );
    const mean = dialogs.reduce((sum, one) => sum + one.bytes, 0) / dialogs.length;
    assert.ok(mean <= 9_000, `${Math.round(mean)} bytes in the mean`);
    assert.ok(
      bytes('resources/editor.js') <= 64_000,
      `${bytes('resources/editor.js')} bytes of shared script`,
    );
    const sidebars = filesBelow('dist/plugins', '.html');
    assert.ok(sidebars.length > 0);
    for (const file of sidebars) assert.ok(bytes(file) <= 24_000, `${file} has ${bytes(file)} bytes`);
  });

  it('a node is a shell of 130 lines at most', () => {
    const shells = nodeNames.map((name) => `nodes/${name}/${name}.ts`);
    assert.deepEqual(
      shells.filter((file) => lines(file) > 130),
      [],
    );
  });

  it('a source has about 300 lines at most', () => {
    const long = ['lib', 'red', 'nodes', 'simulators', 'editor', 'pages', 'scripts']
      .flatMap((folder) => filesBelow(folder).filter((file) => /\.(ts|mjs|cjs)$/.test(file)))
      .filter((file) => lines(file) > 300);
    for (const file of long) console.warn(`        over 300 lines: ${file} (${lines(file)})`);
    assert.deepEqual(
      long.filter((file) => lines(file) > 330),
      [],
    );
  });
});

describe('what git keeps', () => {
  const text = trackedFiles()
    .filter((file) => existsSync(join(root, file)) && !/\.(png|svg|gif|ico)$/.test(file))
    .map((file) => ({ file, text: read(file) }));
  // put together here, so that this file does not hold what it looks for
  const paths = [
    ['', 'work', ''],
    ['', 'home', '[a-z]+', ''],
    ['', 'Users', '[A-Za-z]+', ''],
  ].map((parts) => parts.join('/'));
  const rules: [string, RegExp][] = [
    ['a path of one machine', new RegExp(`(^|[\\s"'\`(=])(${paths.join('|')})`, 'm')],
    ['a registry', /https?:\/\/[^\s"'/]*(registry|nexus|artifactory|verdaccio|pypi|proxy)[^\s"'/]*\.[a-z]/i],
    ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}/],
    [
      'a token',
      /\b(ghp_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9_]{30}|npm_[A-Za-z0-9]{30}|AKIA[A-Z0-9]{16}|xox[bp]-[0-9A-Za-z-]{20}|live_[0-9]{8,}_[A-Za-z0-9]{20})/,
    ],
  ];

  for (const [what, pattern] of rules)
    it(`holds no ${what.replace(/^an? /, '')}`, () => {
      const found = text.flatMap(({ file, text: content }) => {
        const hit = pattern.exec(content);
        return hit ? [`${file}: ${hit[0].slice(0, 12)}…`] : [];
      });
      assert.deepEqual(found, []);
    });

  it('documents lead to what is there: files and pictures', () => {
    const documents = trackedFiles().filter((file) => /^([A-Z]+|docs\/.*)\.md$/.test(file));
    assert.ok(documents.includes('README.md'));
    const missing = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, link]) => link ?? '')
        .filter((link) => !existsSync(join(root, dirname(file), decodeURI(link))))
        .map((link) => `${file}: ${link}`),
    );
    assert.deepEqual(missing, []);
  });

  it('the README begins with the two commands and shows every node', () => {
    const readme = read('README.md');
    assert.match(/```sh\n([^`]*)```/.exec(readme)?.[1] ?? '', /^npm start\b.*\nnpm test\b/);
    const labels = nodeNames.map((name) => String(literal(name, 'paletteLabel')));
    assert.deepEqual(
      labels.filter((label) => !readme.includes(`**${label}**`)),
      [],
    );
  });

  it('lock files name no registry', () => {
    for (const file of ['package-lock.json', 'test/matrix/package-lock.json'])
      assert.ok(!read(file).includes('"resolved"'), file);
  });
});
