import type { PageFrame } from '../../lib/web/timeline/view';

/** How much of a picture must differ to be called another scene. */
const SCENE_PERCENT = 35;

/** Whether a picture shows another scene than the one before. */
export function isSceneOf({ why, changedPercent }: PageFrame): boolean {
  return why === 'resolution' || (why === 'changed' && (changedPercent ?? 0) >= SCENE_PERCENT);
}
