RED.nodes.registerType('live-stop-all', {
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
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 2,
  icon: 'live-stop-all.svg',
  paletteLabel: 'stop all',
  label() {
    return this.name || 'stop all';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels(index) {
    return liveProduction.text(this, index === 0 ? 'port.done' : 'port.interim');
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.application(this);
    liveProduction.whenChanged(this, ['application'], () => {
      const chosen = liveProduction.currentText(this, 'application');
      for (const name of ['obs', 'vmix']) $(`.live-tip-${name}`).toggle(name === chosen);
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
