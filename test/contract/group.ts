// Scenarios that share one running OBS per world, because starting one for each would take most of the time.
import { notApplicable, obsVersion, requirePrograms, waitFor } from '../support';
import { lackOfReal, profileFor, type Need } from './features';
import {
  type BareClient,
  type Scenario,
  type ScenarioOptions,
  type World,
  endings,
  realWorld,
  rtmpModule,
  simulatedWorld,
} from './support';

type Define = (scenario: (name: string, run: Scenario, needs?: readonly Need[]) => void) => void;

/**
 * Like `contract` for many scenarios: each finds OBS running and idle, with the profile's settings as the group's
 * options have them. A scenario that left OBS dead or busy is followed by a fresh one.
 */
export function contractGroup(name: string, options: ScenarioOptions, define: Define): void {
  const version = obsVersion()?.join('.');
  const lack = lackOfReal(options.needs ?? []);
  const profile = profileFor(options.needs ?? []);
  describe(name, () => {
    play('simulator', `the simulator (${profile}${lack ? ', from source' : ''})`);
    play('real', `OBS ${version ?? '(not installed)'}`);
  });

  function play(kind: World['kind'], title: string): void {
    describe(title, function () {
      this.timeout(options.timeoutMs ?? 120_000);
      let shared = endings();
      let world: World | undefined;
      before(function () {
        if (kind === 'simulator') return;
        requirePrograms(this, ['obs', 'Xvfb', 'nginx', 'ffmpeg', rtmpModule]);
        if (lack) notApplicable(this, lack);
      });
      after(() => shared.run());

      define((title, run, needs = []) => {
        it(title, async function () {
          if (needs.includes(kind === 'real' ? 'simulator' : 'real'))
            notApplicable(this, `only with the ${kind === 'real' ? 'simulator' : 'real OBS'}`);
          const missing = kind === 'real' ? lackOfReal(needs) : null;
          if (missing) notApplicable(this, missing);
          world ??= await (kind === 'real' ? realWorld : simulatedWorld)(options, shared);
          const ending = endings();
          // the same world, but for what ends with this scenario
          const mine = Object.create(world, {
            cleanUp: { value: (action: () => unknown) => ending.add(action) },
            connectClient: {
              value: async (subscriptions?: number): Promise<BareClient> => {
                const client = await (world as World).connectClient(subscriptions);
                ending.add(() => client.close());
                return client;
              },
            },
          }) as World;
          let failure: { error: unknown } | undefined;
          try {
            await run(mine, this);
          } catch (error) {
            failure = { error };
          }
          await ending.run().catch((error: unknown) => (failure ??= { error }));
          if (!failure && (await isIdle(world))) return;
          const used = shared;
          shared = endings();
          world = undefined;
          await used.run();
          if (failure) throw failure.error;
        });
      });
    });
  }
}

/** Whether nothing runs any more, after a moment for what is just ending. */
export async function isIdle(world: World): Promise<boolean> {
  try {
    const client = await world.connectClient();
    try {
      await waitFor(
        async () => {
          const outputs = (await client.call('GetOutputList')).outputs as { outputActive: boolean }[];
          return outputs.every((output) => !output.outputActive);
        },
        { timeoutMs: 3000, message: 'the outputs to end' },
      );
      return true;
    } finally {
      await client.close();
    }
  } catch {
    return false;
  }
}
