/** Which list of each application has the sources that an aspect can be changed of. */
const SOURCES_OF: Record<string, { obs?: string; vmix?: string; ingest?: never }> = {
  visible: { obs: 'items' },
  text: { obs: 'texts', vmix: 'texts' },
  image: { obs: 'images', vmix: 'images' },
  mute: { obs: 'audio', vmix: 'audio' },
  volume: { obs: 'audio', vmix: 'audio' },
  monitoring: { obs: 'audio' },
  media: { obs: 'playable', vmix: 'playable' },
  filter: { obs: 'filtered' },
  overlay: { vmix: 'inputs' },
};

/** What is switched, and so may come from the message as on or off. */
const SWITCHED = ['visible', 'mute', 'filter', 'overlay'];
const TYPES = ['msg', 'flow', 'global', 'env', 'jsonata'];

const whatOf = (node: EditorNode): string => liveProduction.currentText(node, 'what');
const isWhat = (node: EditorNode, ...whats: string[]): boolean => whats.includes(whatOf(node));
const hasIt = (node: EditorNode, what: string): boolean =>
  SOURCES_OF[what]?.[liveProduction.isOn(node, 'vmix') ? 'vmix' : 'obs'] !== undefined;

/** Filled where the chosen aspect needs it. */
function needed(node: EditorNode, value: unknown, property: string, ...whats: string[]): Verdict {
  return !isWhat(node, ...whats) || liveProduction.check.typedFilled(node, value, property);
}

RED.nodes.registerType('live-set-source', {
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
    what: {
      value: 'visible',
      validate(value, _options) {
        return hasIt(this, String(value)) || liveProduction.text(this, 'invalid.what');
      },
    },
    source: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.typedFilled(this, value, 'source');
      },
    },
    sourceType: { value: 'str' },
    scene: { value: '' },
    sceneType: { value: 'str' },
    filter: {
      value: '',
      validate(value, _options) {
        return needed(this, value, 'filter', 'filter');
      },
    },
    filterType: { value: 'str' },
    field: { value: '' },
    overlay: { value: '1' },
    state: { value: 'on' },
    text: { value: 'payload' },
    textType: { value: 'msg' },
    file: {
      value: '',
      validate(value, _options) {
        return needed(this, value, 'file', 'image');
      },
    },
    fileType: { value: 'str' },
    db: {
      value: '0',
      validate(value, _options) {
        if (!isWhat(this, 'volume') || liveProduction.current(this, 'dbType') !== 'num')
          return needed(this, value, 'db', 'volume');
        const db = Number(value);
        const most = liveProduction.isOn(this, 'vmix') ? 0 : 26;
        return (
          (String(value).trim() !== '' && db >= -100 && db <= most) ||
          liveProduction.text(this, 'invalid.db', { most })
        );
      },
    },
    dbType: { value: 'num' },
    rampMs: {
      value: '',
      validate(value, _options) {
        return !isWhat(this, 'volume') || liveProduction.check.within(this, value, 'rampMs', 0, 3600000);
      },
    },
    monitoring: { value: 'none' },
    media: {
      value: 'restart',
      validate(value, _options) {
        const stopsVmix = isWhat(this, 'media') && value === 'stop' && liveProduction.isOn(this, 'vmix');
        return !stopsVmix || liveProduction.text(this, 'invalid.stop');
      },
    },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-set-source.svg',
  paletteLabel: 'set source',
  label() {
    if (this.name) return this.name;
    const source = this.sourceType === 'str' && typeof this.source === 'string' ? this.source : '';
    return source ? `${liveProduction.text(this, `node.${String(this.what)}`)} ${source}` : 'set source';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.application(this);
    const what = () => whatOf(this);
    const vmix = () => liveProduction.isOn(this, 'vmix');
    const named = (property: string) =>
      liveProduction.current(this, `${property}Type`) === 'str'
        ? liveProduction.currentText(this, property)
        : '';
    liveProduction.liveList(this, 'source', {
      what: (application) => SOURCES_OF[what()]?.[application],
      of: () => (what() === 'visible' ? named('scene') : ''),
      types: TYPES,
    });
    liveProduction.liveList(this, 'scene', { what: { obs: 'scenes' }, types: TYPES });
    liveProduction.liveList(this, 'filter', {
      what: { obs: 'filters' },
      of: () => named('source'),
      types: TYPES,
    });
    liveProduction.liveList(this, 'field', {
      what: (application) => (application === 'vmix' ? `${what()}Fields` : undefined),
      of: () => named('source'),
    });
    liveProduction.typed(this, 'text', ['msg', 'str', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.typed(this, 'file', ['str', ...TYPES]);
    liveProduction.typed(this, 'db', ['num', ...TYPES]);
    const shown =
      (...whats: string[]) =>
      () =>
        isWhat(this, ...whats);
    liveProduction.showRows(this, ['what', 'application'], {
      scene: shown('visible'),
      filter: shown('filter'),
      field: () => vmix() && isWhat(this, 'text', 'image'),
      overlay: shown('overlay'),
      state: shown(...SWITCHED),
      text: shown('text'),
      file: shown('image'),
      db: shown('volume'),
      rampMs: shown('volume'),
      monitoring: shown('monitoring'),
      media: shown('media'),
    });
    liveProduction.whenChanged(this, ['what', 'application', 'state', 'monitoring', 'media'], () => {
      // a new node begins with what the application has; in one that is in use already a person has to look at it
      if (!this.source && !hasIt(this, what())) {
        liveProduction.field(this, 'what').val('text').trigger('change');
        return;
      }
      liveProduction.offer(this, 'what', (value) => hasIt(this, value));
      liveProduction.offer(this, 'media', (value) => value !== 'stop' || !vmix());
      liveProduction.relabel(this, 'source', vmix() ? 'label.input' : 'label.source');
      const switched = SWITCHED.includes(what());
      if (switched)
        for (const value of ['on', 'off'])
          liveProduction.reword(
            liveProduction.field(this, 'state').find(`option[value=${value}]`),
            liveProduction.text(this, `${value}.${what()}`),
          );
      const chosen = switched ? 'state' : what();
      const fromMessage =
        (switched || isWhat(this, 'monitoring', 'media')) &&
        liveProduction.currentText(this, chosen) === 'message';
      const tip = fromMessage ? liveProduction.text(this, `message.${what()}`) : '';
      $('.live-tip-message').text(tip).toggle(fromMessage);
      $('.live-tip-volume').toggle(what() === 'volume');
      $('.live-tip-vmix').toggle(vmix());
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
