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

/** What vMix can do with a recording. */
const ON_VMIX = ['start', 'stop', 'message'];

/** vMix has no function for these: a start with one of them would be refused. */
function forThisApplication(node: EditorNode, value: unknown, property: string): Verdict {
  return (
    !liveProduction.isOn(node, 'vmix') ||
    (value ?? '') === '' ||
    liveProduction.text(node, 'invalid.vmix', { field: liveProduction.text(node, `label.${property}`) })
  );
}

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
    action: {
      value: 'start',
      validate(value, _options) {
        return (
          !liveProduction.isOn(this, 'vmix') ||
          ON_VMIX.includes(String(value)) ||
          liveProduction.text(this, 'invalid.action')
        );
      },
    },
    folder: {
      value: '',
      validate(value, _options) {
        const fits = forThisApplication(this, value, 'folder');
        return fits === true ? liveProduction.check.typedValue(this, value, 'folder') : fits;
      },
    },
    folderType: { value: 'str' },
    fileName: {
      value: '',
      validate(value, _options) {
        const fits = forThisApplication(this, value, 'fileName');
        return fits === true ? liveProduction.check.typedValue(this, value, 'fileName') : fits;
      },
    },
    fileNameType: { value: 'str' },
    format: {
      value: '',
      validate(value, _options) {
        return forThisApplication(this, value, 'format');
      },
    },
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
    const vmix = () => liveProduction.isOn(this, 'vmix');
    // what was typed for OBS stays to be seen, since vMix would refuse it
    const settable = (property: string) => () =>
      starts() && (!vmix() || liveProduction.currentText(this, property) !== '');
    liveProduction.showRows(this, ['action', 'application'], {
      folder: settable('folder'),
      fileName: settable('fileName'),
      format: settable('format'),
      ifRecording: () => starts() && !vmix(),
      chapterName: () => ['chapter', 'message'].includes(action()) && !vmix(),
    });
    liveProduction.whenChanged(this, ['action', 'application'], () => {
      liveProduction.offer(this, 'action', (value) => !vmix() || ON_VMIX.includes(value));
      for (const shown of ['pause', 'split', 'chapter', 'message'])
        $(`.live-tip-${shown}`).toggle(action() === shown && !vmix());
      $('.live-tip-vmix').toggle(vmix());
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
