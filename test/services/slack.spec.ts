// The Slack message itself, whatever a show and its sources are called.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loops } from '../support';
import { nodeOf, nodesOf, runFunction } from './flows';
import { type SlackBody, slackFaults } from './slack-limits';

const nodes = nodesOf('02');
const body = nodeOf(nodes, 'function', 'as Slack wants it');
const taken = nodeOf(nodes, 'function', 'did Slack take it?');
const WEBHOOK = 'https://hooks.slack.com/services/T0/B0/secret-of-the-test';

const ALERT = {
  change: 'opened',
  severity: 'critical',
  score: 55,
  durationMs: 0,
  title: 'The bitrate has fallen to 31 % of what is expected',
  detail: '1850 kbit/s arrive instead of 6000, since 19:42:10.',
  advice: 'Look at the network first.',
  subjectLine: 'Stream: the bitrate has fallen (OBS, since 19:42:10)',
};

function built(topic: unknown, alert: unknown): SlackBody {
  const { result, errors } = runFunction(body, { topic, alert }, { SLACK_WEBHOOK: WEBHOOK });
  assert.deepEqual(errors, []);
  return (result as { payload: SlackBody }).payload;
}

const HOSTILE = [
  '<!channel>',
  '<@U012AB3CD>',
  '<https://example.com|press here>',
  '*bold* _it_ ~no~ `code`',
  ':fire:',
  '&amp;lt;',
  '& < >',
  '\u0000\u0007\u202e\u200b',
  '\ud800',
  '🎥👨‍👩‍👧',
  'a\nb\r\nc\td',
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 900 }).map((parts) => parts.join('')),
  fc.constantFrom('', ' ', 'x'.repeat(10_000), '<'.repeat(10_000), '🎥'.repeat(5000), undefined, null),
);
const alert = fc.record({
  change: fc.constantFrom('opened', 'worsened', 'reminder', 'recovered'),
  severity: fc.oneof(fc.constantFrom('degraded', 'critical', 'unknown'), text),
  score: fc.constantFrom(0, 55, 100, null),
  durationMs: fc.oneof(fc.nat(), fc.constantFrom(null, undefined, -1, Number.NaN, 1e12)),
  title: text,
  detail: text,
  advice: text,
  subjectLine: text,
});

describe('The Slack message', () => {
  it('keeps to the limits of Slack, and no name in it is more than text', () => {
    fc.assert(
      fc.property(text, alert, (topic, value) => {
        assert.deepEqual(slackFaults(built(topic, value)), []);
      }),
      { numRuns: loops(2000, 200) },
    );
  });

  it('the checker itself finds what Slack refuses', () => {
    const good = built(ALERT.subjectLine, ALERT);
    assert.deepEqual(slackFaults(good), []);
    const section = (field: object) =>
      ({ ...good, blocks: [{ type: 'section', fields: [field] }] }) as SlackBody;
    const plain = (value: string) => ({ type: 'plain_text', text: value });
    const bad: SlackBody[] = [
      { ...good, text: '<!channel>' },
      { ...good, text: undefined },
      { ...good, blocks: [{ type: 'header', text: plain('x'.repeat(151)) }] },
      { ...good, blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) },
      section(plain('')),
      section(plain('x'.repeat(2001))),
      section(plain('a & b')),
      section({ type: 'mrkdwn', text: 'a' }),
    ];
    for (const one of bad) assert.notDeepEqual(slackFaults(one), [], JSON.stringify(one).slice(0, 200));
  });

  it('says what is wrong, how bad, and what to try first', () => {
    const all = JSON.stringify(built(ALERT.subjectLine, ALERT));
    for (const part of [ALERT.subjectLine, ALERT.detail, ALERT.advice, 'critical', '55 of 100'])
      assert.ok(all.includes(part), part);
  });

  it('looks otherwise when it is over: green, and short', () => {
    const opened = built(ALERT.subjectLine, ALERT);
    const over = {
      ...ALERT,
      change: 'recovered',
      detail: 'It lasted 3 min 12 s.',
      advice: 'Nothing needs to be done.',
    };
    const recovered = built('Stream: well again (OBS)', over);
    const colour = (one: SlackBody) => one.attachments?.[0]?.color;
    assert.equal(colour(recovered), '#2eb67d');
    assert.notEqual(colour(opened), colour(recovered));
    assert.ok(recovered.attachments![0]!.blocks!.length < opened.attachments![0]!.blocks!.length);
    assert.match(JSON.stringify(recovered), /3 min 12 s/);
    assert.notEqual(String(opened.text)[0], String(recovered.text)[0]);
  });

  it('without an address it says so, and sends nothing', () => {
    const { result, errors } = runFunction(body, { topic: 'x', alert: ALERT }, {});
    assert.equal(result, null);
    assert.match(errors.join(), /SLACK_WEBHOOK/);
  });
});

describe('What Slack answers', () => {
  const answer = (statusCode: number | undefined, more: object = {}) =>
    runFunction(
      taken,
      {
        topic: 'A stream',
        slack: { text: 'x' },
        tries: 1,
        statusCode,
        payload: 'said',
        responseUrl: WEBHOOK,
        ...more,
      },
      { RETRY_SECONDS: 5 },
    );
  const again = (outcome: { result: unknown }) =>
    (outcome.result as { delay: number; tries: number }[] | null)?.[0];

  it('200 is taken, and the address goes no further', () => {
    const { result } = answer(200, { headers: { location: WEBHOOK } });
    assert.equal((result as unknown[])[0], null);
    assert.equal(JSON.stringify(result).includes('secret-of-the-test'), false);
  });

  it('429 waits as long as Slack asks for', () => {
    assert.equal(again(answer(429, { headers: { 'retry-after': '30' } }))?.delay, 30_000);
  });

  it('5xx and no answer are tried again, later each time', () => {
    assert.equal(again(answer(503))?.delay, 5000);
    assert.equal(again(answer(503, { tries: 4 }))?.delay, 40_000);
    assert.equal(again(answer(undefined, { error: { message: 'connect ECONNREFUSED' } }))?.tries, 2);
  });

  it('the fifth time it is given up, with the reason', () => {
    const { result, errors } = answer(503, { tries: 5 });
    assert.equal(result, null);
    assert.match(errors.join(), /did not take "A stream", 5 times: it answered 503/);
  });

  it('what Slack refuses for good is not tried again', () => {
    for (const statusCode of [302, 400, 403, 404, 410]) {
      const { result, errors } = answer(statusCode, { payload: 'no_service' });
      assert.equal(result, null);
      assert.match(errors.join(), new RegExp(`${statusCode} \\(no_service\\)`));
    }
    const { errors } = answer(429, { headers: { 'retry-after': '86400' } });
    assert.equal(errors.length, 1, 'a day is too long to wait');
  });
});
