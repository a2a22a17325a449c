export const PICTURE_FORMATS = ['jpg', 'png'] as const;
export type PictureFormat = (typeof PICTURE_FORMATS)[number];

/** A picture somebody wants. */
export interface PictureRequest {
  /** a scene or a source; null: the scene on air */
  source: string | null;
  /** points; the other side follows the picture's own shape where only one is given, and null takes its own size */
  width: number | null;
  height: number | null;
  /** points; where neither side is given, what is wider than this is made this wide. null or absent: no limit */
  widest?: number | null;
  format: PictureFormat;
  /** 1 to 100, for jpg; null: the application's own choice */
  quality: number | null;
}

export interface Picture {
  data: Buffer;
  source: string;
  /** what it really is: an application may make another format than was asked for */
  format: PictureFormat;
  contentType: string;
  /** as the picture's own header tells it */
  width: number | null;
  height: number | null;
  /** ISO 8601 */
  takenAt: string;
}

/** A picture that the application wrote on its own machine. */
export interface SavedPicture {
  path: string;
  source: string;
  /** ISO 8601 */
  takenAt: string;
  /** as the file itself says where it could be read, else as it was asked for */
  format: PictureFormat;
  /** as the file itself says; null where it could not be read */
  width: number | null;
  height: number | null;
  sizeBytes: number | null;
  /** whether anybody says that the file was written: the application, or the file itself. If not, `unknown.confirmedBy` says why */
  confirmed: boolean;
  /** for each thing that is not known: why */
  unknown: Record<string, string>;
}

export interface Pictures {
  /**
   * Rejects with SOURCE_UNKNOWN, PICTURE_FORMAT, PICTURE_FAILED, INPUT_INVALID for a size it cannot have, and the connection's codes;
   * on vMix, which only writes files, with PICTURE_NOT_SAVED, PICTURE_FOLDER_MISSING and the VMIX_PICTURE codes too.
   */
  take(request: PictureRequest): Promise<Picture>;
  /**
   * The file on the application's own machine for each source: `path` itself where it ends as a picture does, else a name in it.
   * Throws INPUT_INVALID, where nothing need be asked to know that it cannot be.
   */
  fileThere(path: string, format: PictureFormat, overwrite: boolean): (source: string) => string;
  /**
   * Let the application itself write a file on its own machine; `pathFor` names it once the source is known. Rejects as
   * `take` does, and with PICTURE_FOLDER_MISSING and PICTURE_NOT_SAVED.
   */
  saveThere(request: PictureRequest, pathFor: (source: string) => string): Promise<SavedPicture>;
}

/** What mail, web pages and files call a format. */
export function contentTypeOf(format: PictureFormat): string {
  return format === 'jpg' ? 'image/jpeg' : 'image/png';
}
