// The timeline inside the editor: the page is there for a deployed frame store, and its data as Node-RED permits.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, tempDir } from '../support';
import { startNodeRed } from '../editor/support';

describe('the timeline of a deployed frame store', function () {
  this.timeout(90_000);

  it('is on the admin routes, takes a ticket once, and is gone with its store', async () => {
    const userDir = tempDir('timeline');
    const nodeRed = await startNodeRed({ userDir });
    try {
      const port = await freePort();
      const store = { id: 'store1', type: 'live-frame-store', name: 'Friday', configVersion: 1, folder: '' };
      const limits = { keepDays: '30', mostGb: '50', leastFreeGb: '0' };
      await nodeRed.deploy([{ ...store, ...limits, page: true, pagePort: String(port) }]);
      const at = `${nodeRed.url}live-production/frames/store1/`;
      const page = await fetch(at);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /<title>Friday<\/title>/);
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      const about = (await (await fetch(`${at}about`)).json()) as { streams: unknown[] };
      assert.deepEqual(about.streams, []);
      const post = async (path: string, body: object, origin?: string) => {
        const headers = { 'content-type': 'application/json', ...(origin ? { origin } : {}) };
        return await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
      };
      const told = (await (
        await post(`${nodeRed.url}live-production/timeline/ticket`, { id: 'store1' })
      ).json()) as { path: string };
      const ticket = told.path.split('#')[1]!;
      assert.equal(told.path, `live-production/frames/store1/#${ticket}`);
      const origin = nodeRed.url.slice(0, -1);
      assert.equal((await post(`${at}session`, { token: ticket }, origin)).status, 200);
      assert.equal((await post(`${at}session`, { token: ticket }, origin)).status, 401);
      const link = (await (
        await post(`${nodeRed.url}live-production/timeline/link`, { id: 'store1', hours: 1 })
      ).json()) as { address: string };
      const [outside, token] = link.address.split('#') as [string, string];
      assert.equal(outside, `http://127.0.0.1:${port}/`);
      assert.equal((await fetch(`${outside}about`)).status, 401);
      const entered = await post(`${outside}session`, { token }, outside.slice(0, -1));
      const cookie = entered.headers.get('set-cookie')!.split(';', 1)[0]!;
      assert.equal((await fetch(`${outside}about`, { headers: { cookie } })).status, 200);
      await post(`${nodeRed.url}live-production/timeline/withdraw`, { id: 'store1' });
      assert.equal((await fetch(`${outside}about`, { headers: { cookie } })).status, 401);
      assert.ok(existsSync(join(userDir, 'live-production', 'frame-links', 'store1.json')));
      assert.ok(!nodeRed.program.log().includes(token));
      await nodeRed.deploy([]);
      assert.equal((await fetch(at)).status, 404);
    } finally {
      await nodeRed.close();
    }
  });
});
