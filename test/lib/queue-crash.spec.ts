// A guest queue whose process is killed at whatever moment: what was acknowledged is there afterwards, and the show goes on.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../lib/queue/clock';
import { goOn, parseSaved } from '../../lib/queue/saved';
import { leadOf, usedMs, waitingOf } from '../../lib/queue/turns';
import type { QueueState } from '../../lib/queue/types';
import { loops, startProgram, tempDir, waitFor } from '../support';
import { checkSound } from '../support/queue-on-paper';

const built = (name: string): string =>
  JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'queue', name));

/**
 * A process that keeps a queue in which something changes all the time. At the end of each round it bans a number that rises, and gives as the reason how the
 * queue stands then; it says the numbers that are on the disk.
 */
const keeper = (folder: string): string => `
  const { writeSync } = require('node:fs');
  const { QueueKeeper } = require(${built('keeper.js')});
  const { STANDARD_POLICY } = require(${built('policy.js')});
  const queue = new QueueKeeper({
    folder: ${JSON.stringify(folder)},
    policy: { ...STANDARD_POLICY, mostEntries: 1000, afterTurn: 'tail', limitMs: null },
    server: null,
    apps: [],
    tell: (what) => writeSync(1, 'told ' + what + '\\n'),
  });
  let order = null;
  queue.onSwitch((one) => (order = one));
  const alive = setInterval(() => undefined, 1000);
  (async () => {
    let round = queue.view().bans.length;
    for (;; round++) {
      const guest = 'g' + Math.floor(Math.random() * 60);
      queue.join({ app: 'live', stream: guest, clientId: 'c-' + guest, name: guest, limitMs: null, priority: 0 });
      if (order && queue.switched(order.turn)) order = null;
      const { waiting, lead } = queue.view();
      const commands = [];
      if (waiting.length > 20) queue.leave({ app: 'live', stream: waiting[19].stream, clientId: 'c-' + waiting[19].stream });
      if (waiting.length > 3 && round % 3 === 0) commands.push(queue.command({ action: 'move', who: waiting[2].stream, to: 1 }).catch(() => 0));
      if (waiting.length && lead && lead.state === 'live' && round % 5 === 0) commands.push(queue.command({ action: 'skip' }).catch(() => 0));
      const now = queue.view();
      const stands = { lead: now.lead && now.lead.turn, used: now.lead ? now.lead.usedMs : 0, waiting: now.waiting.map((one) => one.stream) };
      commands.push(queue.command({ action: 'ban', who: 'n' + round, forMs: null, reason: JSON.stringify(stands).slice(0, 600) }));
      await Promise.all(commands);
      writeSync(1, round + '\\n');
    }
  })().catch((error) => { writeSync(1, String(error) + '\\n'); process.exitCode = 3; clearInterval(alive); });`;

const acknowledged = (log: string): number =>
  Math.max(
    -1,
    ...log
      .split('\n')
      .slice(0, -1)
      .filter((line) => /^\d+$/.test(line))
      .map(Number),
  );

interface Stands {
  lead: string | null;
  used: number;
  waiting: string[];
}

function check(folder: string, last: number): QueueState {
  const read = parseSaved(readFileSync(join(folder, 'queue.json'), 'utf8'));
  assert.ok('saved' in read, 'reason' in read ? read.reason : '');
  const { queue, boot } = read.saved;
  checkSound(queue);
  const numbers = queue.bans.map(({ stream }) => Number(stream.slice(1)));
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index),
    'no round is missing',
  );
  assert.ok(
    numbers.length > last,
    `${last} was acknowledged, and ${numbers.length - 1} is the last one there`,
  );
  // the rounds are whole: the queue is as the last of them left it
  const stands = JSON.parse(queue.bans.at(-1)!.reason!) as Stands;
  const clock = systemClock();
  assert.equal(boot, clock.boot);
  const now = goOn(read.saved, { boot: clock.boot, nowMs: clock.nowMs(), wallMs: clock.wallMs() });
  const lead = leadOf(now);
  if (lead && lead.turn === stands.lead)
    assert.ok(usedMs(lead, clock.nowMs()) >= stands.used, 'no time on air is given twice');
  const waiting = waitingOf(now).map(({ stream }) => stream);
  const promoting = now.entries.find(({ state }) => state === 'promoting');
  const inTurn = lead && promoting ? [promoting.stream, ...waiting] : waiting;
  assert.deepEqual(inTurn, stands.waiting, 'the order is the one that was last');
  return queue;
}

describe('a guest queue that is killed', () => {
  it('has everything acknowledged in its file afterwards, and goes on from there, at whatever moment', async function () {
    this.timeout(600_000);
    const folder = tempDir('queue-kills');
    let last = -1;
    let rounds = 0;
    for (let kill = 0; kill < loops(100, 8); kill++) {
      const program = await startProgram('node', ['-e', keeper(folder)]);
      try {
        await waitFor(() => acknowledged(program.log()) > last, {
          intervalMs: 2,
          message: () => `a round: ${program.log().slice(-300)}`,
        });
        await sleep(Math.random() * 80);
      } finally {
        program.kill('SIGKILL');
        await program.waitExit();
      }
      const log = program.log();
      assert.doesNotMatch(log, /told|Error/, 'nothing was to be told');
      rounds += acknowledged(log) - last;
      last = acknowledged(log);
      const { bans } = check(folder, last);
      // one more may have been on the disk without having been said
      last = bans.length - 1;
      await program.close();
    }
    assert.ok(rounds >= 8, `${rounds} rounds`);
    const left = readdirSync(folder).filter((name) => name.includes('unreadable'));
    assert.deepEqual(left, []);
    // and a file that was spoiled from outside is noticed
    appendFileSync(join(folder, 'queue.json'), 'x');
    const program = await startProgram('node', ['-e', keeper(folder)]);
    await waitFor(() => /told .*cannot be read/.test(program.log()) && acknowledged(program.log()) >= 0, {
      intervalMs: 5,
      message: () => program.log().slice(-300),
    });
    await program.close();
    assert.equal(readdirSync(folder).filter((name) => name.includes('unreadable')).length, 1);
  });
});
