// The files that OBS reads at its start.

export type Ini = Record<string, Record<string, string>>;

/** An ini file's text from sections, with others laid over them. */
export function toIni(sections: Ini, over: Ini = {}): string {
  const names = [...new Set([...Object.keys(sections), ...Object.keys(over)])];
  return names
    .map((name) => {
      const values = Object.entries({ ...sections[name], ...over[name] });
      return [`[${name}]`, ...values.map(([key, value]) => `${key}=${value}`), ''].join('\n');
    })
    .join('\n');
}

/** The scenes of every test: each shows one colour, so that the replay buffer has something to keep. */
export const sceneNames = ['Scene', 'Second', 'Third'] as const;

/** A scene collection file with the scenes of `sceneNames`. */
export function sceneCollection(name: string): object {
  const colours = [0xff336699, 0xff993366, 0xff669933];
  const inputs = sceneNames.map((scene, index) => ({
    id: 'color_source',
    versioned_id: 'color_source_v3',
    name: `Colour ${scene}`,
    settings: { color: colours[index], width: 640, height: 360 },
  }));
  const scenes = sceneNames.map((scene) => ({
    id: 'scene',
    versioned_id: 'scene',
    name: scene,
    settings: {
      custom_size: false,
      id_counter: 1,
      items: [
        {
          id: 1,
          name: `Colour ${scene}`,
          visible: true,
          align: 5,
          pos: { x: 0, y: 0 },
          scale: { x: 1, y: 1 },
          bounds: { x: 0, y: 0 },
          bounds_type: 0,
          bounds_align: 0,
        },
      ],
    },
  }));
  return {
    name,
    current_scene: 'Scene',
    current_program_scene: 'Scene',
    current_transition: 'Fade',
    transition_duration: 300,
    scene_order: sceneNames.map((scene) => ({ name: scene })),
    sources: [...inputs, ...scenes],
    transitions: [],
    groups: [],
  };
}
