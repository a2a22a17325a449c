// Each scenario of a capability is written once and played on OBS, simulated and real, and on every vMix that is simulated.
import type { VmixProfile } from '../../../simulators/vmix';
import { notApplicable, obsVersion, requirePrograms } from '../../support';
import { isIdle } from '../group';
import { endings, realWorld, rtmpModule, simulatedWorld, type World } from '../support';
import { lackOfObs, obsStage } from './obs-stage';
import type { Need, Stage } from './stage';
import { lackOfVmix, vmixStage } from './vmix-stage';

export type Scenario = (stage: Stage) => Promise<void>;
type Define = (scenario: (name: string, run: Scenario, needs?: readonly Need[]) => void) => void;

const PROFILES: readonly VmixProfile[] = ['vmix-24', 'vmix-27', 'vmix-28', 'vmix-29'];

/** Registers every scenario in every world; `needs` is what all of them need. */
export function capability(name: string, needs: readonly Need[], define: Define): void {
  describe(name, () => {
    onObs('simulator', 'OBS (simulator)', needs, define);
    onObs('real', `OBS ${obsVersion()?.join('.') ?? '(not installed)'}`, needs, define);
    for (const profile of PROFILES) onVmix(profile, needs, define);
  });
}

/** One OBS for all scenarios, because starting one for each would take most of the time; a fresh one where it was left dead or busy. */
function onObs(kind: World['kind'], title: string, all: readonly Need[], define: Define): void {
  describe(title, function () {
    this.timeout(120_000);
    let shared = endings();
    let world: World | undefined;
    before(function () {
      if (kind === 'real') requirePrograms(this, ['obs', 'Xvfb', 'nginx', 'ffmpeg', rtmpModule]);
    });
    after(() => shared.run());
    define((name, run, needs = []) => {
      it(name, async function () {
        const lack = lackOf([...all, ...needs], (need) => lackOfObs(need, kind));
        if (lack) notApplicable(this, lack);
        world ??= await (kind === 'real' ? realWorld : simulatedWorld)(OPTIONS, shared);
        const { failure } = await play(world, run);
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

async function play(world: World, run: Scenario): Promise<{ failure: { error: unknown } | undefined }> {
  const ending = endings();
  return await settle(ending, () => run(obsStage(world, (action) => ending.add(action))));
}

function onVmix(profile: VmixProfile, all: readonly Need[], define: Define): void {
  describe(`vMix (simulator, ${profile})`, function () {
    this.timeout(120_000);
    define((name, run, needs = []) => {
      it(name, async function () {
        const lack = lackOf([...all, ...needs], (need) => lackOfVmix(need, profile));
        if (lack) notApplicable(this, lack);
        const ending = endings();
        const { failure } = await settle(ending, async () =>
          run(await vmixStage(profile, (action) => ending.add(action))),
        );
        if (failure) throw failure.error;
      });
    });
  });
}

/** Runs it and what it left to be ended; the first failure counts. */
async function settle(
  ending: ReturnType<typeof endings>,
  run: () => Promise<void>,
): Promise<{ failure: { error: unknown } | undefined }> {
  let failure: { error: unknown } | undefined;
  try {
    await run();
  } catch (error) {
    failure = { error };
  }
  await ending.run().catch((error: unknown) => (failure ??= { error }));
  return { failure };
}

/** With a replay buffer, which is the output that OBS and vMix both can have beside streams and recordings. */
const OPTIONS = { profile: { SimpleOutput: { RecRB: 'true' } } };

/** Why a scenario with these needs has no meaning there, or null. */
function lackOf(needs: readonly Need[], own: (need: Need) => string | null): string | null {
  for (const need of needs) {
    const lack = own(need);
    if (lack) return lack;
  }
  return null;
}
