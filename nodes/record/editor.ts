/** The names OBS knows its recording formats by; which of them work depends on its version. */
const FORMATS = [
  'mkv',
  'mp4',
  'mov',
  'flv',
  'ts',
  'mpegts',
  'fragmented_mp4',
  'fragmented_mov',
  'hybrid_mp4',
  'hybrid_mov',
];

RED.nodes.registerType('live-record', {
  category: 'live production',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    application: { value: 'obs' },
    obs: {
      value: '',
      type: 'live-obs-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'obs');
      },
    },
    vmix: {
      value: '',
      type: 'live-vmix-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'vmix');
      },
    },
    action: { value: 'start' },
    folder: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.typedValue(this, value, 'folder');
      },
    },
    folderType: { value: 'str' },
    fileName: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.typedValue(this, value, 'fileName');
      },
    },
    fileNameType: { value: 'str' },
    format: { value: '' },
    chapterName: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.typedValue(this, value, 'chapterName');
      },
    },
    chapterNameType: { value: 'str' },
    ifRecording: { value: 'error' },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-record.svg',
  paletteLabel: 'record',
  label() {
    return this.name || liveProduction.text(this, `node.${String(this.action)}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    for (const property of ['folder', 'fileName', 'chapterName']) {
      liveProduction.typed(this, property, ['str', 'msg', 'flow', 'global', 'env', 'jsonata']);
    }
    const items = FORMATS.map((value) => ({ value, label: liveProduction.text(this, `format.${value}`) }));
    liveProduction.liveList(this, 'format', { items });
    const action = () => liveProduction.currentText(this, 'action');
    const starts = () => ['start', 'message'].includes(action());
    liveProduction.showRows(this, ['action'], {
      folder: starts,
      fileName: starts,
      format: starts,
      ifRecording: starts,
      chapterName: () => ['chapter', 'message'].includes(action()),
    });
    liveProduction.whenChanged(this, ['action'], () => {
      for (const shown of ['pause', 'split', 'chapter', 'message'])
        $(`.live-tip-${shown}`).toggle(action() === shown);
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
