RED.nodes.registerType('live-witness', {
  category: 'live production',
  color: '#E2D96E',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    log: {
      value: '',
      type: 'live-witness-log',
      validate(value, _options) {
        return liveProduction.check.reference(this, value, 'log');
      },
    },
    checkpoints: { value: 'each' },
    minutes: {
      value: '30',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'minutes', 0, 1440);
      },
    },
  },
  inputs: 1,
  outputs: 2,
  icon: 'live-witness.svg',
  paletteLabel: 'witness',
  label() {
    return this.name || 'witness';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels(index) {
    return liveProduction.text(this, `output.${index === 0 ? 'messages' : 'checkpoints'}`);
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.preselect(this, 'log');
    liveProduction.showRows(this, ['checkpoints'], {
      minutes: () => liveProduction.currentText(this, 'checkpoints') === 'minutes',
    });
  },
});
