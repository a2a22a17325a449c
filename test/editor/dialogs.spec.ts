// Every node of the palette: dragged to the canvas, its dialog filled and saved, and deployed.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { obsRehearsal, vmixRehearsal } from '../package/shared-nodes';
import { notApplicable, requirePrograms, waitFor } from '../support';
import {
  CONTRAST,
  Editor,
  findBrowser,
  isNodeRed5,
  type NodeRed,
  startBrowser,
  startNodeRed,
} from './support';

const ORDER = [
  'preflight',
  'start-stream',
  'stop-stream',
  'record',
  'srt-out',
  'switch-scene',
  'switch-gstreamer-source',
  'set-source',
  'output',
  'stop-all',
  'stream-started',
  'stream-stopped',
  'event',
  'health-alert',
  'status',
  'snapshot',
  'witness',
  'witness-query',
  'obs-request',
  'vmix-function',
];

const CONNECTION = { ...obsRehearsal, id: 'obs1', name: '' };
const VMIX_CONNECTION = { ...vmixRehearsal, id: 'vmix1', name: '' };
const TARGET = {
  id: 'target1',
  type: 'live-stream-target',
  name: 'Twitch main',
  configVersion: 1,
  service: 'twitch',
  server: '',
  credentials: { key: 'a key of the test' },
};
const WITNESS_LOG = {
  id: 'log1',
  type: 'live-witness-log',
  name: 'show',
  configVersion: 1,
  folder: '',
  fields: 'topic, payload, live, alert',
  durability: 'group',
  ifFailed: 'go-on',
  cosigners: [],
  needed: '',
  countersign: false,
  host: '127.0.0.1',
  port: '8479',
  logs: [],
  origin: '',
  stateFolder: '',
  longestText: '8192',
  mostMegabytes: '0',
  checkpointSeconds: '10',
  checkpointEntries: '1000',
};
const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };

/** What a person does in each dialog, and what must be saved then. */
const DIALOGS: Record<string, { fill(editor: Editor): Promise<void>; saved: Record<string, unknown> }> = {
  preflight: {
    async fill(editor) {
      await editor.form.getByLabel('something can be heard').uncheck();
      await editor.form.getByRole('checkbox', { name: 'ffmpeg' }).check();
      await editor.field('target').selectOption('target1');
      await editor.field('diskWarn').fill('50');
      await editor.tab('Advanced');
      await editor.field('timeServer').fill('pool.ntp.org');
      await editor.field('ifUnknown').selectOption('fail');
      // Node-RED takes two clicks on tabs in a row for a double click
      await waitFor(async () => {
        await editor.tab('Expected');
        return await editor.typedField('profile').isVisible();
      });
      await editor.typedField('profile').fill('Show');
      await editor.typedField('scenes').fill('Starting soon, Live');
      await editor.typedField('mustSound').fill('Microphone');
    },
    saved: {
      obs: 'obs1',
      checks: ['target', 'server', 'live', 'rehearsal', 'folder', 'disk', 'picture', 'clock', 'ffmpeg'],
      target: 'target1',
      diskWarn: '50',
      diskFail: '5',
      profile: 'Show',
      collection: '',
      scenes: 'Starting soon, Live',
      mustSound: 'Microphone',
      timeServer: 'pool.ntp.org',
      ifUnknown: 'fail',
      ifAway: 'answer',
    },
  },
  'start-stream': {
    async fill(editor) {
      await editor.field('targetFrom').selectOption('target');
      await editor.field('confirmSeconds').fill('3');
      await editor.tab('Advanced');
      await editor.field('ifLive').selectOption('restart');
      await editor.field('putBack').check();
      await editor.field('waitSeconds').fill('20');
    },
    saved: {
      obs: 'obs1',
      targetFrom: 'target',
      target: 'target1',
      confirmSeconds: '3',
      ifLive: 'restart',
      putBack: true,
      waitSeconds: '20',
      onUnstable: 'stop',
    },
  },
  'stop-stream': {
    fill: (editor) => editor.field('waitSeconds').fill('5'),
    saved: { obs: 'obs1', waitSeconds: '5' },
  },
  record: {
    async fill(editor) {
      await editor.typedField('folder').fill('/recordings');
      await editor.typedField('fileName').fill('show %CCYY');
      await editor.tab('Advanced');
      await editor.typedField('format').fill('mkv');
      await editor.field('ifRecording').selectOption('restart');
    },
    saved: {
      action: 'start',
      folder: '/recordings',
      folderType: 'str',
      fileName: 'show %CCYY',
      format: 'mkv',
      ifRecording: 'restart',
    },
  },
  'srt-out': {
    async fill(editor) {
      await editor.field('sendAs').selectOption('beside');
      await editor.typedField('host').fill('studio.example');
      await editor.field('port').fill('9001');
      await editor.tab('SRT');
      await editor.field('latencyMs').fill('200');
      await editor.field('passphrase').fill('ten letters or more');
      await editor.tab('Advanced');
      await editor.typedField('secondProfile').fill('Spare');
      await editor.field('videoKbps').fill('3000');
    },
    saved: {
      sendAs: 'beside',
      mode: 'caller',
      host: 'studio.example',
      hostType: 'str',
      port: '9001',
      latencyMs: '200',
      keyLength: 'auto',
      secondProfile: 'Spare',
      videoKbps: '3000',
    },
  },
  'set-source': {
    async fill(editor) {
      await editor.field('what').selectOption('volume');
      await editor.typedField('source').fill('Microphone');
      await editor.typedField('source').press('Tab');
      await editor.typedField('db').fill('-12');
      await editor.typedField('db').press('Tab');
      await editor.field('rampMs').fill('800');
    },
    saved: {
      obs: 'obs1',
      vmix: '',
      what: 'volume',
      source: 'Microphone',
      sourceType: 'str',
      db: '-12',
      dbType: 'num',
      rampMs: '800',
    },
  },
  'switch-scene': {
    async fill(editor) {
      await editor.typedField('scene').fill('Camera 1');
      await editor.field('to').selectOption('transition');
      await editor.typedField('transition').fill('Fade');
      await editor.field('durationMs').fill('300');
    },
    saved: { scene: 'Camera 1', sceneType: 'str', to: 'transition', transition: 'Fade', durationMs: '300' },
  },
  'switch-gstreamer-source': {
    async fill(editor) {
      await editor.typedField('scene').fill('Live');
      await editor.field('transition').selectOption('crossfade');
      await editor.tab('Watch');
      await editor.typedField('fallback').fill('Clip');
      await editor.tab('Advanced');
      await editor.field('pipeline').selectOption('own');
      await editor.field('pipelineText').fill('uridecodebin uri="{address}" ! video.');
    },
    saved: {
      scene: 'Live',
      address: 'payload.address',
      addressType: 'msg',
      transition: 'crossfade',
      fallback: 'Clip',
      pipeline: 'own',
      pipelineText: 'uridecodebin uri="{address}" ! video.',
    },
  },
  output: {
    async fill(editor) {
      await editor.field('output').selectOption('replay_buffer');
      await editor.field('action').selectOption('save');
    },
    saved: { output: 'replay_buffer', action: 'save', outputName: '' },
  },
  'stop-all': {
    fill: (editor) => editor.field('name').fill('emergency'),
    saved: { name: 'emergency', obs: 'obs1' },
  },
  'stream-started': { fill: (editor) => editor.field('present').check(), saved: { obs: '', present: true } },
  'stream-stopped': {
    fill: async (editor) => void (await editor.field('which').selectOption('unexpected')),
    saved: { obs: '', which: 'unexpected' },
  },
  event: {
    async fill(editor) {
      await editor.form.getByLabel('scene_changed').check();
      await editor.tab('Advanced');
      await editor.form.getByText('add a condition').click();
      await editor.form.getByLabel('property').fill('scene');
      await editor.form.getByLabel('comparison').selectOption('contains');
      await editor.form.getByLabel('value').fill('Camera');
      await editor.field('limit').fill('0');
    },
    saved: {
      obs: '',
      source: 'show',
      events: ['scene_changed'],
      filters: [{ property: 'scene', operator: 'contains', value: 'Camera' }],
      limit: '0',
    },
  },
  'health-alert': {
    async fill(editor) {
      await editor.field('preset').selectOption('careful');
      await editor.form.getByLabel('recording disk').uncheck();
      await editor.form.getByLabel('silent').check();
      await editor.form.getByLabel('media inputs').check();
      await editor.field('reminderMinutes').fill('0');
      await editor.tab('Advanced');
      // read live, chosen from the list
      await editor.page
        .locator('#node-input-media + .red-ui-typedInput-container .red-ui-typedInput-option-expand')
        .click();
      await editor.page.locator('.live-list a', { hasText: 'Clip' }).click();
      await editor.field('attachPicture').check();
      await editor.form.locator('summary').click();
      await editor.form.getByLabel('bitrate: degraded at this level', { exact: true }).fill('60');
      await editor.form.getByLabel('bitrate: critical after so many seconds', { exact: true }).fill('5');
      await editor.form.getByLabel('congestion: critical at this level').fill('off');
      await editor.form.getByLabel('dropped frames: degraded at this level').fill('0.7');
      await editor.form.getByLabel('dropped frames: back to the preset').click();
      await editor.picture('health-rules');
    },
    saved: {
      obs: 'obs1',
      preset: 'careful',
      watch: ['stream', 'recording', 'outputs', 'computer', 'silent', 'media'],
      when: 'show',
      reminderMinutes: '0',
      sampleSeconds: '5',
      bitrateKbps: '',
      media: 'Clip',
      frozenNeedsSilence: true,
      attachPicture: true,
      // only what differs from the preset: 5 seconds are its own
      overrides: { bitrate: { warn: '60' }, congestion: { critical: 'off' } },
    },
  },
  status: { fill: (editor) => editor.field('every').fill('10'), saved: { every: '10' } },
  snapshot: {
    async fill(editor) {
      await editor.field('show').selectOption('source');
      await editor.typedField('source').fill('Camera 1');
      await editor.field('to').selectOption('here');
      await editor.typedField('path').fill('/pictures');
      await editor.tab('Advanced');
      await editor.field('width').fill('640');
    },
    saved: {
      show: 'source',
      source: 'Camera 1',
      sourceType: 'str',
      to: 'here',
      path: '/pictures',
      pathType: 'str',
      overwrite: false,
      format: 'jpg',
      width: '640',
      height: '',
      quality: '80',
    },
  },
  witness: {
    async fill(editor) {
      await editor.field('checkpoints').selectOption('minutes');
      await editor.field('minutes').fill('15');
    },
    saved: { log: 'log1', checkpoints: 'minutes', minutes: '15' },
  },
  'witness-query': {
    async fill(editor) {
      await editor.field('action').selectOption('export');
      await editor.typedField('types').fill('stream_*');
      await editor.field('give').selectOption('file');
      await editor.typedField('path').fill('/reports/');
      await editor.tab('Advanced');
      await editor.field('proofs').check();
    },
    saved: {
      log: 'log1',
      action: 'export',
      types: 'stream_*',
      typesType: 'str',
      from: '',
      fromType: 'str',
      to: '',
      toType: 'str',
      limit: '1000',
      entry: 'witness.seq',
      entryType: 'msg',
      title: '',
      give: 'file',
      path: '/reports/',
      pathType: 'str',
      overwrite: false,
      proofs: true,
      folder: '',
      folderType: 'str',
      vkey: '',
    },
  },
  'obs-request': {
    async fill(editor) {
      await editor.typedField('requestType').fill('GetVersion');
    },
    saved: {
      mode: 'request',
      requestType: 'GetVersion',
      requestTypeType: 'str',
      requestData: '{}',
      requestDataType: 'json',
    },
  },
  'vmix-function': {
    async fill(editor) {
      const says = editor.form.locator('#live-function-says');
      const choose = async (name: string, saying: RegExp) => {
        await editor.typedField('functionName').fill(name);
        await editor.typedField('functionName').press('Tab');
        await waitFor(async () => saying.test((await says.textContent()) ?? ''), {
          message: () => `${saying} of ${name}`,
        });
      };
      // the fields are those that the function takes
      await choose('ScriptStart', /allow that/);
      assert.match((await says.getAttribute('class')) ?? '', /fault/);
      await choose('FaedToBlack', /Did you mean FadeToBlack\?/);
      assert.equal(await editor.typedField('selectedIndex').isVisible(), true);
      await choose('FadeToBlack', /undoes itself.*no parameters/);
      assert.equal(await editor.typedField('input').isVisible(), false);
      await choose('settext', /Change a text of a title/);
      for (const [property, shown] of Object.entries({
        input: true,
        value: true,
        duration: false,
        mix: false,
      }))
        assert.equal(await editor.typedField(property).isVisible(), shown, property);
      await choose('Fade', /Fade to an input/);
      // read live, chosen from the list
      await editor.page
        .locator('#node-input-input + .red-ui-typedInput-container .red-ui-typedInput-option-expand')
        .click();
      await editor.page.locator('.live-list a', { hasText: 'Camera 2' }).click();
      await editor.typedField('duration').fill('500');
      await editor.picture('vmix-function');
    },
    saved: {
      vmix: 'vmix1',
      mode: 'fields',
      functionName: 'Fade',
      functionNameType: 'str',
      input: 'Camera 2',
      inputType: 'str',
      value: '',
      duration: '500',
      durationType: 'str',
      parameters: 'payload',
      parametersType: 'msg',
      haltOnFailure: true,
      allowBlank: false,
    },
  },
};

describe('The dialogs', function () {
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB, CONNECTION, VMIX_CONNECTION, TARGET, WITNESS_LOG]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  it('stand in the palette in the order of a show', async () => {
    const types = await editor.page.evaluate<string[]>(
      `$('#red-ui-palette-container-live_production .red-ui-palette-node').toArray().map((node) => node.dataset.paletteType)`,
    );
    assert.deepEqual(
      types,
      ORDER.map((name) => `live-${name}`),
    );
  });

  const placed = new Map<string, string>();
  for (const [index, name] of ORDER.entries())
    it(`${name}: dragged, filled, saved`, async () => {
      const id = await editor.drag(`live-${name}`, {
        // seven in a column: a fourth one would lie under the sidebar
        x: 160 + Math.floor(index / 7) * 260,
        y: 60 + (index % 7) * 65,
      });
      placed.set(name, id);
      await editor.edit(id);
      const untranslated = await editor.page.evaluate<string[]>(
        `$('.live-form [data-i18n]').toArray().map((one) => one.textContent.trim()).filter((text) => /^[a-z]+(\\.[\\w-]+)+$/i.test(text))`,
      );
      assert.deepEqual(untranslated, [], 'texts that are missing in strings.json');
      const { saved } = DIALOGS[name]!;
      await DIALOGS[name]!.fill(editor);
      await editor.done();
      const node = await editor.node(id);
      assert.deepEqual(
        Object.fromEntries(Object.keys(saved).map((property) => [property, node[property]])),
        saved,
      );
      assert.equal(node.configVersion, 1);
      if (!name.startsWith('witness'))
        assert.equal(node.application, name === 'vmix-function' ? 'vmix' : 'obs');
      assert.equal(node.valid, true, String(node.validationErrors));

      // opened again, it shows what was saved, and saving it again changes nothing
      await editor.edit(id);
      await editor.done();
      assert.deepEqual(await editor.node(id), node);
    });

  it('are deployed, and every badge says that this is a rehearsal', async () => {
    await editor.deploy();
    // a preflight says ready only when it was asked and everything was; a log is no rehearsal
    const others: Record<string, string> = {
      preflight: 'sim unknown',
      witness: '2 entries',
      'witness-query': 'ready',
    };
    for (const name of ORDER) await editor.badge(placed.get(name)!, others[name] ?? 'sim ready');
    await editor.page.evaluate('RED.view.select({ nodes: [] })');
    await editor.picture('palette-and-nodes');
  });

  it('say in the canvas which field is wrong, and why', async () => {
    const id = placed.get('switch-scene')!;
    await editor.edit(id);
    await editor.typedField('scene').fill('');
    await editor.field('waitSeconds').fill('soon');
    await editor.done();
    const { valid, validationErrors } = await editor.node(id);
    assert.equal(valid, false);
    assert.deepEqual(validationErrors, [
      'Scene: something must be filled in',
      'Wait up to: a number from 0 to 86400 is needed, or an environment variable such as ${WAIT}',
    ]);
    await editor.edit(id);
    await editor.typedField('scene').fill('Camera 1');
    await editor.field('waitSeconds').fill('${WAIT}');
    await editor.done();
    assert.equal((await editor.node(id)).valid, true);
  });

  it('start stream on vMix: each ticked channel chooses where it goes, and OBS keeps its own choice', async () => {
    const id = placed.get('start-stream')!;
    await editor.edit(id);
    await editor.tab('Setup');
    const visible = async () =>
      await Promise.all(
        [1, 2, 3, 4, 5].map(
          async (channel) =>
            `${await editor.field(`channel${channel}`).isVisible()} ${await editor.field(`target${channel}`).isVisible()}`,
        ),
      );
    const nothing = 'false false';
    assert.deepEqual(
      await visible(),
      Array.from({ length: 5 }, () => nothing),
    );
    await editor.field('application').selectOption('vmix');
    assert.deepEqual(await visible(), ['true true', ...Array.from({ length: 4 }, () => 'true false')]);
    assert.equal(await editor.field('target').isVisible(), false);
    assert.equal(await editor.field('targetFrom').inputValue(), 'as-set');
    await editor.field('application').selectOption('obs');
    assert.equal(await editor.field('targetFrom').inputValue(), 'target');
    await editor.field('application').selectOption('vmix');
    await editor.field('channel3').check();
    await editor.field('target3').selectOption('target1');
    assert.equal(await editor.field('target1').locator('option').first().textContent(), 'as set in vMix');
    await editor.picture('start-stream-vmix');
    await editor.field('targetFrom').selectOption('message');
    assert.deepEqual(
      await visible(),
      Array.from({ length: 5 }, () => 'true false'),
    );
    await editor.field('targetFrom').selectOption('as-set');
    await editor.done();
    const saved = await editor.node(id);
    assert.equal(saved.valid, true, String(saved.validationErrors));
    // Node-RED fills in the words of the form once more after the dialog has put its own there
    await editor.edit(id);
    assert.equal(
      await editor.field('targetFrom').locator('option').first().textContent(),
      'as chosen for each channel',
    );
    await editor.done();
    assert.deepEqual(
      [
        saved.application,
        saved.vmix,
        saved.channel1,
        saved.channel2,
        saved.channel3,
        saved.target1,
        saved.target3,
      ],
      ['vmix', 'vmix1', true, false, true, '', 'target1'],
    );
    await editor.edit(id);
    await editor.field('channel1').uncheck();
    await editor.field('channel3').uncheck();
    await editor.done();
    const none = await editor.node(id);
    assert.deepEqual([none.valid, none.validationErrors], [false, ['Channels: tick at least one']]);
    await editor.edit(id);
    await editor.field('channel1').check();
    await editor.field('application').selectOption('obs');
    await editor.done();
    assert.equal((await editor.node(id)).application, 'obs');
  });

  it('say what the chosen application can be watched for, and keep the ticks of the other', async () => {
    const id = placed.get('health-alert')!;
    const before = await editor.node(id);
    await editor.edit(id);
    const shown = async (...labels: string[]) =>
      await Promise.all(labels.map((label) => editor.form.getByLabel(label, { exact: true }).isVisible()));
    const labels = ['recording disk', 'black', 'SRT and other outputs', 'master muted', 'stream'];
    assert.deepEqual(await shown(...labels), [true, true, true, false, true]);
    await editor.field('application').selectOption('vmix');
    assert.deepEqual(await shown(...labels), [false, false, true, true, true]);
    assert.equal(await editor.form.locator('.live-cost-logs').isVisible(), true);
    assert.equal(await editor.form.locator('.live-cost-sound').isVisible(), false);
    await editor.picture('health-vmix');
    await editor.field('application').selectOption('obs');
    await editor.done();
    assert.deepEqual((await editor.node(id)).watch, before.watch);
  });

  it('offer raw events of the application that was chosen, from its own list', async () => {
    const id = placed.get('event')!;
    await editor.edit(id);
    await editor.field('application').selectOption('vmix');
    await editor.field('source').selectOption('raw');
    assert.equal(await editor.field('vmix').inputValue(), 'vmix1');
    assert.match(await editor.form.locator('.live-raw:visible').innerText(), /activators/);
    await editor.page
      .locator('#node-input-rawEvents + .red-ui-typedInput-container .red-ui-typedInput-option-expand')
      .click();
    await editor.page.locator('.live-list a', { hasText: /^Tally$/ }).click();
    await editor.done();
    const { application, vmix, obs, rawEvents, valid } = await editor.node(id);
    assert.deepEqual(
      { application, vmix, obs, rawEvents, valid },
      {
        application: 'vmix',
        vmix: 'vmix1',
        obs: '',
        rawEvents: 'Tally',
        valid: true,
      },
    );
  });

  it('say which rule of a health alert is wrong, and put it back', async () => {
    const id = placed.get('health-alert')!;
    await editor.edit(id);
    await editor.field('reminderMinutes').fill('often');
    await editor.tab('Advanced');
    await editor.typedField('media').fill('');
    await editor.form.locator('summary').click();
    const level = editor.form.getByLabel('dropped frames: degraded at this level');
    await level.fill('60');
    assert.match((await level.getAttribute('class')) ?? '', /input-error/);
    await editor.done();
    assert.deepEqual((await editor.node(id)).validationErrors, [
      'Reminders: a number from 0 to 1440 is needed',
      'Media: something must be filled in',
      'Rules: dropped frames: critical must be worse than degraded',
    ]);
    await editor.edit(id);
    await editor.field('reminderMinutes').fill('${MINUTES}');
    await editor.tab('Advanced');
    // a list of names goes on where it stands, and holds each once
    await editor.typedField('media').fill('Intro, Cl');
    const list = editor.page.locator('#node-input-media + .red-ui-typedInput-container button').last();
    for (let time = 0; time < 2; time++) {
      await list.click();
      await editor.page.locator('.live-list a', { hasText: 'Clip' }).click();
      await editor.page.locator('.live-list').waitFor({ state: 'detached' });
    }
    await editor.form.locator('summary').click();
    await editor.form.getByLabel('dropped frames: back to the preset').click();
    await editor.done();
    const { valid, media, overrides } = await editor.node(id);
    assert.equal(valid, true);
    assert.equal(media, 'Intro, Clip');
    assert.deepEqual(Object.keys(overrides as object), ['bitrate', 'congestion']);
  });

  it('are reached with the keyboard alone', async () => {
    await editor.edit(placed.get('switch-scene')!);
    await editor.field('name').focus();
    const reached: string[] = [];
    for (let press = 0; press < 14; press++) {
      const where = await editor.page.evaluate<string>(
        '(({ activeElement: at }) => at.id || $(at).closest(".form-row").find("[id^=node-input-]").attr("id") || at.className)(document)',
      );
      if (reached.at(-1) !== where) reached.push(where);
      await editor.page.keyboard.press('Tab');
    }
    for (const property of ['name', 'obs', 'scene', 'to', 'transition', 'durationMs', 'waitSeconds'])
      assert.ok(reached.includes(`node-input-${property}`), `${property} is not among ${reached.join(', ')}`);
    await editor.page.locator('#node-dialog-cancel').click();
    await editor.settled();
  });

  it('are legible in the dark theme', async function () {
    if (!isNodeRed5) notApplicable(this, 'Node-RED 4 has no dark theme');
    await editor.dark();
    await editor.picture('nodes-dark');
    for (const [name, picture] of [
      ['event', 'dialog-dark'],
      ['health-alert', 'health-rules-dark'],
    ] as const) {
      await editor.edit(placed.get(name)!);
      if (name === 'health-alert') {
        await editor.tab('Advanced');
        await editor.form.locator('summary').click();
      }
      // a text whose colour somebody wrote down by hand would vanish here
      const faint = await editor.page.evaluate<string[]>(CONTRAST);
      assert.deepEqual(faint, [], 'texts that can hardly be read');
      await editor.picture(picture);
      await editor.page.locator('#node-dialog-cancel').click();
      await editor.settled();
    }
    await editor.page.evaluate('document.documentElement.classList.remove("nr-theme-dark")');
  });

  it('show the help of each node in the sidebar', async () => {
    for (const name of [...ORDER, 'obs-connection', 'stream-target', 'witness-log']) {
      await editor.page.evaluate(`RED.sidebar.help.show('live-${name}')`);
      const help = await waitFor(async () => {
        const text = await editor.page.locator('.red-ui-help, .red-ui-sidebar-help-panel').last().innerText();
        return text.includes('Details') ? text : null;
      });
      assert.ok(!/^: |\(string\) :/m.test(help), `a list in the help of ${name} is not read as one`);
    }
  });
});
