RED.nodes.registerType('live-start-stream', {
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
    targetFrom: { value: 'as-set' },
    target: {
      value: '',
      type: 'live-stream-target',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'targetFrom') !== 'target' ||
          liveProduction.check.reference(this, value, 'target')
        );
      },
    },
    targetName: {
      value: 'target',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'targetFrom') !== 'message' ||
          liveProduction.check.typedFilled(this, value, 'targetName')
        );
      },
    },
    targetNameType: { value: 'msg' },
    confirmSeconds: {
      value: '5',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'confirmSeconds', 1, 600);
      },
    },
    ifLive: { value: 'error' },
    onUnstable: { value: 'stop' },
    putBack: { value: false },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-start-stream.svg',
  paletteLabel: 'start stream',
  label() {
    return this.name || 'start stream';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    liveProduction.typed(this, 'targetName', ['msg', 'flow', 'global', 'env', 'jsonata', 'str']);
    const from = () => liveProduction.currentText(this, 'targetFrom');
    liveProduction.showRows(this, ['targetFrom'], {
      target: () => from() === 'target',
      targetName: () => from() === 'message',
      putBack: () => from() !== 'as-set',
    });
    liveProduction.whenChanged(this, ['targetFrom'], () => {
      if (from() === 'target') liveProduction.preselect(this, 'target');
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
    if (liveProduction.currentText(this, 'targetFrom') !== 'target') liveProduction.clear(this, 'target');
  },
});
