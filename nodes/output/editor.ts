function labelParts(node: EditorNode): { action: string; output: string } {
  const other = node.output === 'other' && typeof node.outputName === 'string' && node.outputName;
  return {
    action: liveProduction.text(node, `verb.${String(node.action)}`),
    output: other || liveProduction.text(node, `short.${String(node.output)}`),
  };
}

/** What each application has; `other` is one of OBS, by its name. */
const OUTPUTS: Record<string, readonly string[]> = {
  obs: ['virtualcam', 'replay_buffer', 'other'],
  vmix: ['external', 'multicorder', 'fullscreen'],
};

function outputsOf(node: EditorNode): readonly string[] {
  return OUTPUTS[liveProduction.currentText(node, 'application')] ?? OUTPUTS.obs!;
}

RED.nodes.registerType('live-output', {
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
    output: {
      value: 'virtualcam',
      validate(value, _options) {
        return (
          outputsOf(this).includes(String(value)) ||
          liveProduction.text(this, 'invalid.output', {
            application: liveProduction.text(
              this,
              `common.application.${liveProduction.currentText(this, 'application')}`,
            ),
          })
        );
      },
    },
    outputName: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'output') !== 'other' ||
          liveProduction.check.filled(this, value, 'outputName')
        );
      },
    },
    action: {
      value: 'start',
      validate(value, _options) {
        const saves = value === 'save' && liveProduction.currentText(this, 'output') !== 'replay_buffer';
        return !saves || liveProduction.text(this, 'invalid.save');
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
  icon: 'live-output.svg',
  paletteLabel: 'output',
  label() {
    return this.name || liveProduction.text(this, 'node.label', labelParts(this));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.application(this);
    liveProduction.liveList(this, 'outputName', { what: { obs: 'outputs' } });
    const output = () => liveProduction.currentText(this, 'output');
    liveProduction.showRows(this, ['output'], { outputName: () => output() === 'other' });
    const last: Record<string, string> = {};
    liveProduction.whenChanged(this, ['application'], () => {
      const application = liveProduction.currentText(this, 'application');
      const chosen = output();
      for (const [name, has] of Object.entries(OUTPUTS)) if (has.includes(chosen)) last[name] = chosen;
      const [first = ''] = outputsOf(this);
      if (!outputsOf(this).includes(chosen))
        liveProduction
          .field(this, 'output')
          .val(last[application] ?? first)
          .trigger('change');
      liveProduction.offer(this, 'output', (value) => outputsOf(this).includes(value));
      for (const name of Object.keys(OUTPUTS)) $(`.live-tip-${name}`).toggle(name === application);
    });
    const save = liveProduction.field(this, 'action').find('option[value=save]');
    liveProduction.whenChanged(this, ['output'], () => {
      const saves = output() === 'replay_buffer';
      save.prop('disabled', !saves).prop('hidden', !saves);
      if (!saves && liveProduction.currentText(this, 'action') === 'save')
        liveProduction.field(this, 'action').val('start').trigger('change');
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
