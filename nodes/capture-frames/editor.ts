const takesFrom = (node: EditorNode, source: string): boolean =>
  liveProduction.currentText(node, 'source') === source;
const isPulled = (node: EditorNode): boolean => !takesFrom(node, 'ingest');
const STREAM = /^[A-Za-z0-9._-]{1,100}$/;

RED.nodes.registerType('live-capture-frames', {
  category: 'live guests',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    source: { value: 'ingest' },
    ingest: {
      value: '',
      type: 'live-rtmp-ingest',
      required: false,
      validate(value, _options) {
        return takesFrom(this, 'ingest')
          ? liveProduction.check.reference(this, value, 'ingest')
          : liveProduction.check.optionalReference(this, value, 'ingest');
      },
    },
    server: {
      value: '',
      type: 'live-media-server',
      required: false,
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
        return !takesFrom(this, 'address') || liveProduction.check.filled(this, value, 'address');
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
