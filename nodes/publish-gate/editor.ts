const admits = (node: EditorNode, ...ways: string[]): boolean =>
  ways.includes(liveProduction.currentText(node, 'admission'));

RED.nodes.registerType('live-publish-gate', {
  category: 'live guests',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    server: {
      value: '',
      type: 'live-media-server',
      validate(value, _options) {
        return liveProduction.check.reference(this, value, 'server');
      },
    },
    admission: { value: 'keys' },
    keys: {
      value: '',
      type: 'live-stream-keys',
      validate(value, _options) {
        return admits(this, 'keys', 'token')
          ? liveProduction.check.reference(this, value, 'keys')
          : liveProduction.check.optionalReference(this, value, 'keys');
      },
    },
    answerMs: {
      value: '800',
      validate(value, _options) {
        return !admits(this, 'flow') || liveProduction.check.within(this, value, 'answerMs', 50, 900);
      },
    },
    queue: {
      value: '',
      type: 'live-guest-queue',
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'queue');
      },
    },
    target: {
      value: '',
      type: 'live-stream-target',
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'target');
      },
    },
    sendOn: { value: 'first' },
    players: { value: 'anyone' },
  },
  credentials: {
    playToken: {
      type: 'password',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'players') !== 'token' ||
          liveProduction.check.filled(this, value, 'playToken')
        );
      },
    },
  },
  inputs: 1,
  outputs: 2,
  icon: 'live-publish-gate.svg',
  paletteLabel: 'publish gate',
  label() {
    return this.name || 'publish gate';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels() {
    return liveProduction.text(this, 'input');
  },
  outputLabels(index) {
    return liveProduction.text(this, `output.${index === 0 ? 'events' : 'asks'}`);
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.preselect(this, 'server');
    liveProduction.showRows(this, ['admission', 'players', 'target'], {
      keys: () => admits(this, 'keys', 'token'),
      answerMs: () => admits(this, 'flow'),
      sendOn: () => !['', '_ADD_'].includes(liveProduction.currentText(this, 'target')),
      playToken: () => liveProduction.currentText(this, 'players') === 'token',
    });
  },
  oneditsave() {
    // a secret nobody sees any more must not stay behind
    if (liveProduction.currentText(this, 'players') !== 'token')
      liveProduction.field(this, 'playToken').val('');
  },
});
