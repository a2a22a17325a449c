import type { Data } from './fields';
import type { Input, Scene, SceneItem } from './sources';

export interface Canvas {
  baseWidth: number;
  baseHeight: number;
}

/** A source's own size: 0 for media before its first picture; a colour has the size it is set to, an image that is not there has none. */
export function sizeOf(source: Input | Scene, canvas: Canvas): { width: number; height: number } {
  if (source.type === 'scene') return { width: canvas.baseWidth, height: canvas.baseHeight };
  const { kind, about, settings, media } = source;
  if (media) return { width: media.width, height: media.height };
  if (kind === 'image_source' && !hasImage(settings.file)) return { width: 0, height: 0 };
  const set = (side: 'width' | 'height') => {
    const value = settings[side];
    return kind.startsWith('color_source') && typeof value === 'number' ? value : about[side];
  };
  return { width: set('width'), height: set('height') };
}

/** Every file is there in a rehearsal, but for one whose name begins with "missing". */
function hasImage(file: unknown): boolean {
  return typeof file === 'string' && file !== '' && !/(^|[\\/])missing[^\\/]*$/i.test(file);
}

/** An item's transform with the sizes that follow from its source. */
export function transformOf(item: SceneItem, canvas: Canvas): Data {
  const size = sizeOf(item.source, canvas);
  return {
    ...item.transform,
    height: size.height * Number(item.transform.scaleY),
    sourceHeight: size.height,
    sourceWidth: size.width,
    width: size.width * Number(item.transform.scaleX),
  };
}
