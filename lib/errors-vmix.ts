/** The error codes that only a vMix can cause, with their sentences; a part of the page `errors.ts`. */
export const VMIX_ERRORS = {
  // what a vMix answers, and what turned out to be none
  VMIX_NOT_VMIX:
    'The program at {where} is not vMix: {reason}. Check host and port; vMix shows its own under Settings, Web Controller.',
  VMIX_BROWSER_REFUSED:
    'vMix at {where} took this for a web page and refused it ("Browser script access not permitted"). Use the address of its network card in place of 127.0.0.1 or localhost, and no proxy between.',
  VMIX_DOCUMENT_TRUNCATED:
    'vMix at {where} sent only a part of its state. If it happens again, look at the network and at a proxy or firewall in between.',
  VMIX_DOCUMENT_TOO_LARGE:
    'What {where} sent as its state is larger than {limit} MB, so it was not read. Is this vMix? If so, shorten the lists in its inputs.',
  VMIX_DOCUMENT_BROKEN:
    'What {where} sent as its state begins like vMix and cannot be read. If it happens again, please report it with the version of vMix.',
} as const;
