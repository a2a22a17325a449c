RED.nodes.registerType('live-switch-scene', {
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
    scene: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.typedFilled(this, value, 'scene');
      },
    },
    sceneType: { value: 'str' },
    to: { value: 'program' },
    transition: { value: '' },
    durationMs: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'to') !== 'transition' ||
          liveProduction.check.within(
            this,
            value,
            'durationMs',
            liveProduction.isOn(this, 'vmix') ? 1 : 50,
            20000,
          )
        );
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
  icon: 'live-switch-scene.svg',
  paletteLabel: 'switch scene',
  label() {
    return (
      this.name ||
      (this.sceneType === 'str' && typeof this.scene === 'string' && this.scene) ||
      'switch scene'
    );
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.application(this);
    liveProduction.liveList(this, 'scene', {
      what: { obs: 'scenes', vmix: 'inputs' },
      types: ['msg', 'flow', 'global', 'env', 'jsonata'],
    });
    liveProduction.liveList(this, 'transition', { what: 'transitions' });
    const withTransition = () => liveProduction.currentText(this, 'to') === 'transition';
    liveProduction.showRows(this, ['to'], { transition: withTransition, durationMs: withTransition });
    liveProduction.whenChanged(this, ['to', 'application'], () => {
      const vmix = liveProduction.isOn(this, 'vmix');
      const straight = liveProduction.currentText(this, 'to') === 'program';
      const of = (key: string) => liveProduction.text(this, vmix ? `${key}OfVmix` : key);
      liveProduction.relabel(this, 'scene', vmix ? 'label.input' : 'label.scene');
      liveProduction.reword(
        liveProduction.field(this, 'to').find('option[value=transition]'),
        of('to.transition'),
      );
      const placeholder = of('placeholder.transition');
      liveProduction.row(this, 'transition').find('input').attr('placeholder', placeholder);
      $('.live-studio').toggle(!straight && !vmix);
      $('.live-tip-vmix').toggle(vmix);
      $('.live-tip-transition').toggle(vmix && withTransition());
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
