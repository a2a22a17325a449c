/** Letters of 5 x 7 points: a line of each is a digit in base 32. */
const GLYPHS: Record<string, string> = {
  ...{ A: 'EHHVHHH', B: 'UHHUHHU', C: 'EHGGGHE', D: 'UHHHHHU', E: 'VGGUGGV', F: 'VGGUGGG', G: 'EHGNHHF' },
  ...{ H: 'HHHVHHH', I: 'E44444E', J: '72222IC', K: 'HIKOKIH', L: 'GGGGGGV', M: 'HRLLHHH', N: 'HHPLJHH' },
  ...{ O: 'EHHHHHE', P: 'UHHUGGG', Q: 'EHHHLID', R: 'UHHUKIH', S: 'FGGE11U', T: 'V444444', U: 'HHHHHHE' },
  ...{ V: 'HHHHHA4', W: 'HHHLLRH', X: 'HHA4AHH', Y: 'HHA4444', Z: 'V1248GV' },
  ...{ 0: 'EHJLPHE', 1: '4C4444E', 2: 'EH1248V', 3: 'V2421HE', 4: '26AIV22', 5: 'VGU11HE', 6: '68GUHHE' },
  ...{
    7: 'V124888',
    8: 'EHHEHHE',
    9: 'EHHF12C',
    '-': '000V000',
    '.': '00000CC',
    ':': '0CC0CC0',
    _: '000000V',
  },
};
const LINES = 7;
const ADVANCE = 6;

/** How wide a text is, in points of a scale of 1. */
export function textWidth(text: string): number {
  return ADVANCE * text.length - 1;
}

/** Calls `dot` for each square of a text, from its left upper corner on; a sign that there is no letter for is left out. */
export function letters(text: string, dot: (x: number, y: number) => void): void {
  [...text.toUpperCase()].forEach((sign, index) => {
    const glyph = GLYPHS[sign];
    for (let y = 0; glyph && y < LINES; y++) {
      const line = parseInt(glyph[y]!, 32);
      for (let x = 0; x < 5; x++) if (line & (16 >> x)) dot(ADVANCE * index + x, y);
    }
  });
}
