/** A size counts only in a pipeline of ours: one of the user's own says its size itself, and a media source has none. */
const isScaled = (node: EditorNode): boolean =>
  liveProduction.currentText(node, 'kind') !== 'ffmpeg' &&
  liveProduction.currentText(node, 'pipeline') !== 'own';

RED.nodes.registerType('live-switch-gstreamer-source', {
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
    scene: {
      value: '',
      validate(value, _options) {
        const type = liveProduction.currentText(this, 'sceneType');
        return type === 'str' || liveProduction.check.typedFilled(this, value, 'scene');
      },
    },
    sceneType: { value: 'str' },
    address: {
      value: 'payload.address',
      validate(value, _options) {
        const needed = ['switch', 'prepare', 'message'].includes(liveProduction.currentText(this, 'action'));
        return !needed || liveProduction.check.sourceAddress(this, value, 'address');
      },
    },
    addressType: { value: 'msg' },
    action: { value: 'switch' },
    transition: { value: 'cut' },
    fadeMs: {
      value: '500',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'transition') !== 'crossfade' ||
          liveProduction.check.within(this, value, 'fadeMs', 100, 10000)
        );
      },
    },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
    stallMs: {
      value: '2000',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'stallMs', 500, 60000);
      },
    },
    fallback: { value: '' },
    stableMs: {
      value: '5000',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'stableMs', 0, 600000);
      },
    },
    slot: {
      value: 'main',
      validate(value, _options) {
        return liveProduction.check.slot(this, value, 'slot');
      },
    },
    kind: { value: 'auto' },
    pipeline: { value: 'low-latency' },
    pipelineText: {
      value: '',
      validate(value, _options) {
        const own =
          liveProduction.currentText(this, 'pipeline') === 'own' &&
          liveProduction.currentText(this, 'kind') !== 'ffmpeg';
        return !own || liveProduction.check.pipeline(this, value, 'pipelineText');
      },
    },
    width: {
      value: '',
      validate(value, _options) {
        return !isScaled(this) || liveProduction.check.within(this, value, 'width', 2, 16384);
      },
    },
    height: {
      value: '',
      validate(value, _options) {
        return !isScaled(this) || liveProduction.check.within(this, value, 'height', 2, 16384);
      },
    },
    place: { value: 'old' },
    fromTop: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'fromTop', 0, 1000);
      },
    },
    readySeconds: {
      value: '15',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'readySeconds', 1, 600);
      },
    },
    settleMs: {
      value: '300',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'settleMs', 0, 10000);
      },
    },
    ifBusy: { value: 'newest' },
  },
  inputs: 1,
  outputs: 2,
  icon: 'live-switch-gstreamer-source.svg',
  paletteLabel: 'switch gstreamer source',
  label() {
    return this.name || liveProduction.text(this, `node.${String(this.action)}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels(index) {
    return liveProduction.text(this, index === 0 ? 'port.done' : 'port.progress');
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    liveProduction.liveList(this, 'scene', {
      what: 'scenes',
      types: ['msg', 'flow', 'global', 'env', 'jsonata'],
    });
    liveProduction.typed(this, 'address', ['msg', 'str', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.liveList(this, 'fallback', { what: 'sources' });
    const now = (property: string) => liveProduction.currentText(this, property);
    const any = (...actions: string[]) => actions.includes(now('action'));
    const makes = () => any('switch', 'prepare', 'message');
    const puts = () => any('switch', 'take', 'message');
    const gstreamer = () => makes() && now('kind') !== 'ffmpeg';
    const own = () => gstreamer() && now('pipeline') === 'own';
    const deciding = ['action', 'transition', 'kind', 'pipeline'];
    liveProduction.showRows(this, deciding, {
      address: makes,
      transition: puts,
      fadeMs: () => puts() && now('transition') === 'crossfade',
      waitSeconds: () => !any('metrics'),
      stallMs: puts,
      fallback: puts,
      stableMs: puts,
      kind: makes,
      pipeline: gstreamer,
      pipelineText: own,
      width: () => makes() && isScaled(this),
      place: puts,
      fromTop: puts,
      readySeconds: makes,
      settleMs: makes,
      ifBusy: () => makes() || puts(),
    });
    liveProduction.whenChanged(
      this,
      deciding,
      () => void $('.live-tip-action').toggle(now('action') === 'message'),
    );
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
