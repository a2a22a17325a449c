// The lines to paste, pasted: a real nginx-rtmp of nothing else asks, is listed and ends whom it is told to.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMediaServer } from '../../lib/media-servers/client';
import { configLines } from '../../lib/media-servers/lines';
import { speechOf } from '../../lib/media-servers/speech';
import {
  freePort,
  listens,
  publisher,
  removeTempDir,
  requirePrograms,
  startHookAddress,
  startProgram,
  tempDir,
  waitFor,
} from '../support';
import { rtmpModule } from './support';

it('the lines to paste into nginx-rtmp make one that is all of a guest queue', async function () {
  this.timeout(60_000);
  requirePrograms(this, ['nginx', 'ffmpeg', rtmpModule]);
  const [port, web] = [await freePort(), await freePort()];
  const hooks = await startHookAddress('/hooks/nginx-rtmp/AbCdEfGhIjKlMnOpQrStUv');
  const [api, control] = [`http://127.0.0.1:${web}/stat`, `http://127.0.0.1:${web}/control`];
  const lines = configLines({
    kind: 'nginx-rtmp',
    hookAddress: hooks.url,
    api,
    control,
    user: null,
    apps: ['live', 'night'],
  });
  const [rtmp, http] = lines.map(({ text }) => text);
  assert.ok(rtmp && http);
  const folder = tempDir('nginx-lines');
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    file,
    `daemon off; master_process off; error_log stderr notice; pid ${folder}/nginx.pid;
load_module ${rtmpModule};
events { worker_connections 64; }
${rtmp.replace('listen 1935;', `listen 127.0.0.1:${port};`)}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
${http.replace(`listen ${web};`, `listen 127.0.0.1:${web};`)}}
`,
  );
  const nginx = await startProgram('nginx', ['-p', folder, '-c', file, '-e', 'stderr']);
  const settings = { kind: 'nginx-rtmp', api, control, user: null, password: null, timeoutMs: 5000 } as const;
  const client = createMediaServer(settings);
  const { parse, reply } = speechOf('nginx-rtmp');
  const told: string[] = [];
  hooks.answer = (sent) => {
    const read = parse({
      method: sent.method,
      contentType: sent.contentType,
      query: '',
      body: Buffer.from(sent.body),
    });
    if ('fault' in read) return reply({ allow: false, reason: read.reason }, null);
    told.push(`${read.action} ${read.app}/${read.stream} ${read.params.get('key') ?? ''}`.trim());
    return reply({ allow: true }, read);
  };
  let guest: Awaited<ReturnType<typeof publisher>> | null = null;
  try {
    await waitFor(async () => !nginx.running || ((await listens(port)) && (await listens(web))), {
      message: () => nginx.log(),
    });
    assert.ok(nginx.running, nginx.log());
    assert.equal((await client.probe()).publishers, 0);
    guest = await publisher({ server: `rtmp://127.0.0.1:${port}/night`, stream: 'guest1', key: 'key=abc' });
    const [listed] = await waitFor(async () => {
      const { publishers } = await client.list(0);
      return publishers.length > 0 ? publishers : null;
    });
    assert.ok(listed);
    assert.deepEqual([listed.app, listed.stream], ['night', 'guest1']);
    assert.equal(await client.kick(listed), 'kicked');
    await waitFor(() => told.some((one) => one.startsWith('unpublish')));
    assert.deepEqual(told.slice(0, 2), ['publish night/guest1 abc', 'unpublish night/guest1 abc']);
  } finally {
    await guest?.close();
    await client.close();
    await nginx.close();
    await hooks.close();
    removeTempDir(folder);
  }
});
