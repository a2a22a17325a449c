const takesFrom = (node: EditorNode, source: string): boolean =>
  liveProduction.currentText(node, 'source') === source;
const isPulled = (node: EditorNode): boolean => !takesFrom(node, 'ingest');
const PULLED = /^((rtmps?|rtsps?|srt|https?):\/\/[^\s/]|file:.|\/.|[a-z]:[\\/])/i;
/** One that is stored already cannot be seen here. */
const KEPT_SECRET = '__PWRD__';

/** The address as far as the editor knows it: of a node whose dialog was never open it knows none. */
function addressOf(node: EditorNode): unknown {
  if (RED.editor.getEditStack().includes(node)) return liveProduction.current(node, 'address');
  const known = node.credentials;
  return !known || known.has_address === true ? KEPT_SECRET : known.address;
}

function checkedAddress(node: EditorNode, value: unknown): Verdict {
  const typed = typeof value === 'string' ? value.trim() : '';
  if (!takesFrom(node, 'address') || typed === KEPT_SECRET || liveProduction.check.fromEnvironment(typed))
    return true;
  if (typed === '') return liveProduction.check.filled(node, typed, 'address');
  return PULLED.test(typed) || liveProduction.text(node, 'invalid.address');
}

/** Whom people publish to whose pictures are taken; null: none is chosen; undefined: it is one address. */
function publishedTo(node: EditorNode) {
  if (takesFrom(node, 'address')) return undefined;
  const onServer = takesFrom(node, 'server');
  const chosen = RED.nodes.node(liveProduction.currentText(node, onServer ? 'server' : 'ingest'));
  const application = onServer ? ('media-server' as const) : ('ingest' as const);
  return chosen ? { application, settings: { id: chosen.id } } : null;
}

const STREAM = /^[A-Za-z0-9._-]{1,100}$/;

RED.nodes.registerType('live-capture-frames', {
  category: 'live guests',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    source: {
      value: 'ingest',
      // the canvas asks nobody for credentials, so a missing address is told here
      validate(_value, _options) {
        return checkedAddress(this, addressOf(this));
      },
    },
    // `required: false` would leave an empty one unasked
    ingest: {
      value: '',
      type: 'live-rtmp-ingest',
      validate(value, _options) {
        return takesFrom(this, 'ingest')
          ? liveProduction.check.reference(this, value, 'ingest')
          : liveProduction.check.optionalReference(this, value, 'ingest');
      },
    },
    server: {
      value: '',
      type: 'live-media-server',
      validate(value, _options) {
        return takesFrom(this, 'server')
          ? liveProduction.check.reference(this, value, 'server')
          : liveProduction.check.optionalReference(this, value, 'server');
      },
    },
    stream: {
      value: '',
      validate(value, _options) {
        const typed = typeof value === 'string' ? value.trim() : '';
        const fits = typed === '' || liveProduction.check.fromEnvironment(value) || STREAM.test(typed);
        return fits || liveProduction.text(this, 'invalid.stream');
      },
    },
    everySeconds: {
      value: '2',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'everySeconds', 0.1, 3600);
      },
    },
    sampling: { value: 'auto' },
    cells: {
      value: '2',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'cells', 1, 2304);
      },
    },
    delta: {
      value: '12',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'delta', 0, 254);
      },
    },
    masks: {
      value: '',
      validate(value, _options) {
        const rows = typeof value === 'string' ? value.split(/[;\n]/) : [];
        const isPart = (row: string): boolean => {
          const numbers = row.trim().split(/[\s,]+/);
          return (
            numbers.length === 4 &&
            numbers.every((one) => one !== '' && Number(one) >= 0 && Number(one) <= 100)
          );
        };
        const fits =
          liveProduction.check.fromEnvironment(value) || rows.every((row) => !row.trim() || isPart(row));
        return fits || liveProduction.text(this, 'invalid.masks');
      },
    },
    keepAliveSeconds: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'keepAliveSeconds', 0, 86_400);
      },
    },
    width: {
      value: '1280',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'width', 16, 7680);
      },
    },
    quality: {
      value: '90',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'quality', 1, 100);
      },
    },
    store: {
      value: '',
      type: 'live-frame-store',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'store');
      },
    },
    picture: {
      value: 'buffer',
      validate(value, _options) {
        const hasStore = !['', '_ADD_'].includes(liveProduction.currentText(this, 'store'));
        return value !== 'path' || hasStore || liveProduction.text(this, 'invalid.path');
      },
    },
    waits: { value: false },
    ffmpeg: { value: '' },
  },
  credentials: {
    address: {
      type: 'password',
      validate(value, _options) {
        return checkedAddress(this, value);
      },
    },
  },
  inputs: 1,
  outputs: 2,
  icon: 'live-capture-frames.svg',
  paletteLabel: 'capture frames',
  label() {
    return this.name || 'capture frames';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return liveProduction.text(this, 'input');
  },
  outputLabels(index) {
    return liveProduction.text(this, `output.${index === 0 ? 'kept' : 'samples'}`);
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.anyConnection(this, 'store', liveProduction.text(this, 'noStore'));
    const stream = liveProduction.field(this, 'stream').removeAttr('data-i18n');
    liveProduction.liveList(this, 'stream', { what: 'streams', from: () => publishedTo(this) });
    const typed = stream.next('.red-ui-typedInput-container').find('.red-ui-typedInput-input');
    liveProduction.whenChanged(this, ['source'], () => {
      const key = takesFrom(this, 'address') ? 'nameOfAddress' : 'stream';
      typed.attr('placeholder', liveProduction.text(this, `placeholder.${key}`));
    });
    liveProduction.showRows(this, ['source'], {
      ingest: () => takesFrom(this, 'ingest'),
      server: () => takesFrom(this, 'server'),
      address: () => takesFrom(this, 'address'),
      ffmpeg: () => isPulled(this),
    });
  },
  oneditsave() {
    // a secret nobody sees any more must not stay behind, nor a config node that is not used
    if (!takesFrom(this, 'address')) liveProduction.field(this, 'address').val('');
    for (const source of ['ingest', 'server'])
      if (!takesFrom(this, source)) liveProduction.clear(this, source);
  },
});
