// Health alerts against the real OBS and the simulator: in time, one incident for each fault, and told when it is over.
import { obsVersion } from '../support';
import { Program, programSteps } from './health-program';
import { lostSteps, normalShow, PROXY_KBPS, setStage, type Stage, troubleSteps } from './health-stream';
import { realWorld, type ScenarioOptions, simulatedWorld, type World } from './support';
import { playTogether } from './together';

const show: ScenarioOptions = { profile: { SimpleOutput: { VBitrate: String(PROXY_KBPS), RecRB: 'false' } } };
const lost: ScenarioOptions = { profile: { SimpleOutput: { RecRB: 'false' } } };

playTogether('health', (line, ending) => {
  const make: Record<World['kind'], (options: ScenarioOptions) => Promise<World>> = {
    simulator: (options) => simulatedWorld(options, ending),
    real: (options) => realWorld(options, ending),
  };

  for (const kind of ['simulator', 'real'] as const) {
    const name = kind === 'real' ? `OBS ${obsVersion()?.join('.') ?? '(not installed)'}` : 'the simulator';
    let [first, second] = [{} as Stage, {} as Stage];
    let program = {} as Program;

    const main = line(`${name}, a show`, kind);
    main.step('begins', async () => {
      first = await setStage(await make[kind](show), 25);
      program = new Program(first.world);
      await program.set();
    });
    let round = 0;
    normalShow(
      main,
      () => first,
      () => program.show(round++ % 2 === 0 ? 'slide' : 'moving'),
    );
    programSteps(
      main.split('its picture and sound'),
      () => first,
      () => program,
    );
    troubleSteps(main, () => first);

    const other = line(`${name}, another show`, kind);
    other.step('begins', async () => void (second = await setStage(await make[kind](lost), 3)));
    lostSteps(other, () => second);
  }
});
