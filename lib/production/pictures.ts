/** A picture somebody wants. */
export interface PictureRequest {
  /** a scene or a source; null: the scene on air */
  source: string | null;
  /** points; the other side follows the picture's own shape where only one is given, and null takes its own size */
  width: number | null;
  height: number | null;
  format: 'jpg' | 'png';
  /** 1 to 100; null: the application's own choice */
  quality: number | null;
}

export interface Picture {
  data: Buffer;
  source: string;
  format: string;
  contentType: string;
  width: number | null;
  height: number | null;
  /** ISO 8601 */
  takenAt: string;
}

export interface Pictures {
  /** Rejects with SOURCE_UNKNOWN, PICTURE_FORMAT, PICTURE_FAILED and the connection's codes. */
  take(request: PictureRequest): Promise<Picture>;
  /** Let the application itself write a file on its own machine. */
  saveThere(request: PictureRequest, path: string): Promise<{ path: string; source: string }>;
}
