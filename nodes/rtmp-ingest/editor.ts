/** What OBS is told, of the values in the dialog. */
const INGEST_SHOWN = ['host', 'port', 'app', 'tls', 'publishAddress', 'playFrom'];
/** What says how others reach it, and what they may do to it: it has no meaning in a rehearsal. */
const REACHED = [
  ...['host', 'port', 'publishAddress', 'tls', 'playFrom'],
  ...['maxWidth', 'maxHeight', 'maxKbps', 'ownProcess'],
];
const LOOPBACK = /^(|localhost|127\.[\d.]+|\[?::1\]?)$/i;

const ingestText = (node: EditorNode, property: string): string =>
  liveProduction.currentText(node, property).trim();
const isRehearsal = (node: EditorNode): boolean => liveProduction.current(node, 'simulate') === true;
const chosenTls = (node: EditorNode): boolean => !['', '_ADD_'].includes(ingestText(node, 'tls'));

/** Where guests publish to: as it was typed, or as the ingest listens. */
function serverOf(node: EditorNode): string {
  const typed = ingestText(node, 'publishAddress').replace(/\/+$/, '');
  if (typed) return typed;
  const host = ingestText(node, 'host') || '127.0.0.1';
  const everywhere = host === '0.0.0.0' || host === '::';
  const shown = everywhere ? liveProduction.text(node, 'paste.thisMachine') : host;
  const port = ingestText(node, 'port') || '1935';
  const tls = chosenTls(node);
  const app = ingestText(node, 'app') || 'live';
  return `${tls ? 'rtmps' : 'rtmp'}://${shown}${port === '1935' && !tls ? '' : `:${port}`}/${app}`;
}

function showPaste(node: EditorNode): void {
  const said = (key: string) => liveProduction.text(node, `paste.${key}`);
  // a key is shown where it is made, and only once
  const words = { label: said('server'), copy: said('copy'), value: serverOf(node) };
  const { row, copy } = liveProduction.pasteRow(words);
  copy.attr('aria-label', `${said('copy')}: ${said('server')}`);
  $('.live-paste').empty().append(row);
  const shows = !isRehearsal(node);
  $('.live-rehearsal').toggle(!shows);
  $('.live-paste, .live-paste-tip').toggle(shows);
  const reached = shows && !LOOPBACK.test(ingestText(node, 'host'));
  $('.live-warn-reached').toggle(reached);
  $('.live-warn-plain').toggle(reached && !chosenTls(node));
  $('.live-warn-players').toggle(
    shows &&
      ingestText(node, 'playFrom')
        .split(/[\s,]+/)
        .some((from) => !LOOPBACK.test(from)) &&
      !liveProduction.field(node, 'playToken').val(),
  );
}

RED.nodes.registerType('live-rtmp-ingest', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    simulate: { value: false },
    host: {
      value: '127.0.0.1',
      validate(value, _options) {
        return liveProduction.check.host(this, value, 'host');
      },
    },
    port: {
      value: '1935',
      validate(value, _options) {
        return liveProduction.check.port(this, value, 'port');
      },
    },
    app: {
      value: 'live',
      validate(value, _options) {
        const fits =
          liveProduction.check.fromEnvironment(value) ||
          /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(typeof value === 'string' ? value.trim() : '');
        return fits || liveProduction.text(this, 'invalid.app');
      },
    },
    keys: {
      value: '',
      type: 'live-stream-keys',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'keys');
      },
    },
    mostPublishers: {
      value: '10',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'mostPublishers', 1, 1000);
      },
    },
    duplicates: { value: 'reject' },
    graceSeconds: {
      value: '10',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'graceSeconds', 0, 300);
      },
    },
    maxWidth: {
      value: '7680',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'maxWidth', 16, 16_384);
      },
    },
    maxHeight: {
      value: '4320',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'maxHeight', 16, 16_384);
      },
    },
    maxKbps: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'maxKbps', 0, 1_000_000);
      },
    },
    tls: { value: '', type: 'tls-config', required: false },
    playFrom: { value: 'localhost' },
    ownProcess: { value: false },
    ffmpeg: { value: '' },
    publishAddress: {
      value: '',
      validate(value, _options) {
        const typed = typeof value === 'string' ? value.trim() : '';
        const fits =
          typed === '' ||
          liveProduction.check.fromEnvironment(value) ||
          /^rtmps?:\/\/[^\s"'<>\\?]+$/i.test(typed);
        return fits || liveProduction.text(this, 'invalid.publishAddress');
      },
    },
  },
  credentials: {
    playToken: {
      type: 'password',
      validate(value, _options) {
        return liveProduction.check.longEnough(this, value, 'playToken', 8);
      },
    },
  },
  icon: 'live-rtmp-ingest.svg',
  paletteLabel: 'rtmp ingest',
  label() {
    if (this.name) return this.name;
    return this.simulate ? 'ingest (rehearsal)' : `ingest ${String(this.host)}:${String(this.port)}`;
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.anyConnection(this, 'keys', liveProduction.text(this, 'noKeys'));
    liveProduction.anyConnection(this, 'tls', liveProduction.text(this, 'noTls'));
    liveProduction.splitAddress(this);
    liveProduction.showRows(
      this,
      ['simulate'],
      Object.fromEntries(REACHED.map((property) => [property, () => !isRehearsal(this)])),
    );
    liveProduction.whenChanged(this, [...INGEST_SHOWN, 'playToken', 'simulate'], () => showPaste(this));
    // what one copies is right while one types, too
    for (const property of [...INGEST_SHOWN, 'playToken'])
      liveProduction.field(this, property).on('change input', () => showPaste(this));
  },
});
