/** Where the API of each kind usually is. */
const USUAL_API: Record<string, string> = {
  srs: 'http://127.0.0.1:1985',
  oryx: 'http://127.0.0.1:2022',
  'nginx-rtmp': 'http://127.0.0.1:8080/stat',
  mediamtx: 'http://127.0.0.1:9997',
};
const SERVER_FIELDS = [
  ...['kind', 'api', 'control', 'user', 'password', 'publishAddress', 'playAddress', 'apps', 'otherApps'],
  ...['hookHost', 'hookPort', 'hookName', 'secret', 'allowFrom', 'reachedAt'],
];

interface Lines {
  lines: { where: string; text: string }[];
}

const kindOf = (node: EditorNode): string => liveProduction.currentText(node, 'kind');
const isIngest = (node: EditorNode): boolean => kindOf(node) === 'ingest';
/** A program of its own, with hooks and an API. */
const isReal = (node: EditorNode): boolean => kindOf(node) !== 'rehearsal' && !isIngest(node);

/** 128 bits of chance, as base64url. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

function settingsOf(node: EditorNode): object {
  const shown: Record<string, unknown> = { id: node.id };
  for (const property of SERVER_FIELDS) shown[property] = liveProduction.current(node, property);
  return shown;
}

/** One field of lines with its own copy button. */
function linesRow(node: EditorNode, { where, text }: Lines['lines'][number], index: number): JQuery {
  const id = `live-config-lines-${index}`;
  const row = $('<div class="form-row"></div>');
  const area = $('<textarea readonly spellcheck="false"></textarea>')
    .attr({ id, rows: Math.min(16, text.split('\n').length) })
    .css({ width: '100%', fontFamily: 'monospace', fontSize: '0.85em', whiteSpace: 'pre' })
    .css({ color: 'var(--red-ui-form-text-color)', resize: 'vertical' })
    .val(text);
  const said = $('<span class="live-unit" role="status" aria-live="polite"></span>');
  const button = $('<button type="button" class="red-ui-button red-ui-button-small"></button>')
    .append(
      $('<i class="fa fa-clipboard"></i>'),
      document.createTextNode(` ${liveProduction.text(node, 'copy')}`),
    )
    .attr('aria-label', `${liveProduction.text(node, 'copy')}: ${where}`)
    .on('click', () => {
      RED.clipboard.copyText(text);
      said.text(liveProduction.text(node, 'copied'));
    });
  const label = $('<label class="live-sentence"></label>').attr('for', id).text(where);
  return row.append(label, document.createTextNode(' '), button, said, area);
}

RED.nodes.registerType('live-media-server', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    kind: { value: 'srs' },
    ingest: {
      value: '',
      type: 'live-rtmp-ingest',
      validate(value, _options) {
        return !isIngest(this) || liveProduction.check.reference(this, value, 'ingest');
      },
    },
    api: {
      value: 'http://127.0.0.1:1985',
      validate(value, _options) {
        return !isReal(this) || liveProduction.check.webAddressOrNone(this, value, 'api');
      },
    },
    control: {
      value: 'http://127.0.0.1:8080/control',
      validate(value, _options) {
        return kindOf(this) !== 'nginx-rtmp' || liveProduction.check.webAddressOrNone(this, value, 'control');
      },
    },
    publishAddress: {
      value: 'rtmp://127.0.0.1/live',
      validate(value, _options) {
        return isIngest(this) || liveProduction.check.filled(this, value, 'publishAddress');
      },
    },
    playAddress: {
      value: 'rtmp://127.0.0.1/{app}/{stream}',
      validate(value, _options) {
        if (liveProduction.check.fromEnvironment(value)) return true;
        const typed = typeof value === 'string' ? value : '';
        if (isIngest(this)) return true;
        const fits = /^[a-z]+:\/\/\S+$/i.test(typed) && typed.split('{stream}').length === 2;
        return (
          fits ||
          `${liveProduction.text(this, 'label.playAddress')}: ${liveProduction.text(this, 'invalid.play')}`
        );
      },
    },
    apps: {
      value: 'live',
      validate(value, _options) {
        return isIngest(this) || liveProduction.check.filled(this, value, 'apps');
      },
    },
    otherApps: { value: 'deny' },
    hookHost: {
      value: '127.0.0.1',
      validate(value, _options) {
        return isIngest(this) || liveProduction.check.host(this, value, 'hookHost');
      },
    },
    hookPort: {
      value: '8931',
      validate(value, _options) {
        return isIngest(this) || liveProduction.check.port(this, value, 'hookPort');
      },
    },
    hookName: { value: '' },
    allowFrom: {
      value: 'localhost',
      validate(value, _options) {
        return liveProduction.check.networks(this, value, 'allowFrom');
      },
    },
    reachedAt: { value: '' },
  },
  credentials: {
    user: { type: 'text' },
    password: { type: 'password' },
    secret: {
      type: 'password',
      validate(value, _options) {
        const typed = typeof value === 'string' ? value : '';
        const fits =
          !isReal(this) ||
          typed === '__PWRD__' ||
          liveProduction.check.fromEnvironment(typed) ||
          /^[A-Za-z0-9_-]{22,128}$/.test(typed);
        return (
          fits ||
          `${liveProduction.text(this, 'label.secret')}: ${liveProduction.text(this, 'invalid.secret')}`
        );
      },
    },
  },
  icon: 'live-media-server.svg',
  paletteLabel: 'media server',
  label() {
    if (this.name) return this.name;
    if (this.kind === 'ingest') return 'media server (this Node-RED)';
    return this.kind === 'rehearsal' ? 'media server (rehearsal)' : String(this.kind);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    const real = () => isReal(this);
    const only = ['api', 'password', 'secret', 'hookHost', 'allowFrom', 'reachedAt', 'hookName'];
    liveProduction.showRows(this, ['kind'], {
      ...Object.fromEntries(only.map((property) => [property, real])),
      ...Object.fromEntries(
        ['publishAddress', 'playAddress', 'apps', 'otherApps', 'hookPort'].map((one) => [
          one,
          () => !isIngest(this),
        ]),
      ),
      ingest: () => isIngest(this),
      control: () => kindOf(this) === 'nginx-rtmp',
      user: () => isReal(this) && kindOf(this) !== 'oryx',
    });
    liveProduction.whenChanged(this, ['kind'], () => {
      const kind = kindOf(this);
      $('.live-rehearsal').toggle(kind === 'rehearsal');
      $('.live-of-ingest').toggle(isIngest(this));
      $('.live-try, .live-of-program').toggle(!isIngest(this));
      if (isIngest(this)) liveProduction.preselect(this, 'ingest');
      $('.live-config-lines').empty();
      const api = liveProduction.field(this, 'api');
      // an address that somebody typed stays
      if (Object.values(USUAL_API).includes(String(api.val())) && USUAL_API[kind])
        api.val(USUAL_API[kind]).trigger('change');
      liveProduction.relabel(this, 'api', kind === 'nginx-rtmp' ? 'labelOf.stat' : 'label.api');
      liveProduction.relabel(this, 'password', kind === 'oryx' ? 'labelOf.token' : 'label.password');
    });
    const secret = liveProduction.field(this, 'secret');
    if (!secret.val()) secret.val(newSecret()).trigger('change');
    $('#node-config-input-make').on('click', () => {
      secret.val(newSecret()).trigger('change');
      $('.live-made').text(liveProduction.text(this, 'made'));
    });
    liveProduction.tryButton<{ simulated: boolean; version: string; publishers: number }>(this, {
      button: $('#node-config-input-test'),
      result: $('.live-test'),
      path: 'media-server/test',
      body: () => ({ settings: settingsOf(this) }),
      say: (answer) =>
        answer.simulated
          ? liveProduction.text(this, 'test.rehearsal')
          : liveProduction.text(this, 'test.connected', {
              ...answer,
              kind: liveProduction.text(this, `kind.${kindOf(this)}`).replace(/ \(.*/, ''),
            }),
      fields: ['kind', 'api', 'control', 'user', 'password'],
    });
    const show = async (): Promise<void> => {
      const answer = await liveProduction.post<Lines>(this, 'media-server/lines', {
        settings: settingsOf(this),
      });
      const told = $('.live-told').toggleClass('live-note-fault', !answer.ok).empty();
      const into = $('.live-config-lines').empty();
      if (!answer.ok) return void told.text(answer.message);
      if (answer.lines.length === 0) told.text(liveProduction.text(this, 'noLines'));
      into.append(answer.lines.map((lines, index) => linesRow(this, lines, index)));
    };
    $('#node-config-input-show').on('click', () => void show());
    // lines to other values than those in the dialog would mislead
    for (const property of SERVER_FIELDS)
      liveProduction.field(this, property).on('change input', () => void $('.live-config-lines').empty());
  },
  oneditsave() {
    if (!isIngest(this)) liveProduction.clear(this, 'ingest');
    // a secret nobody sees any more must not stay behind
    if (kindOf(this) === 'oryx' || !isReal(this)) liveProduction.field(this, 'user').val('');
    if (!isReal(this))
      liveProduction.field(this, 'password').add(liveProduction.field(this, 'secret')).val('');
  },
});
