/** A part of a text: to be shown as it is, or to be followed. */
export interface Part {
  readonly text: string;
  /** Only ever an `http` or `https` address. */
  readonly href?: string;
}

const CANDIDATE = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;
/** What ends a sentence, or closes what was opened before the address, is not part of it. */
const TRAILING = /[.,;:!?)\]}*_~]+$/u;

/** Finds the addresses in a text. All parts together are the text. */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(CANDIDATE)) {
    const address = withoutTrailing(found);
    const href = safeHref(address);
    if (href === undefined) continue;
    if (index > done) parts.push({ text: text.slice(done, index) });
    parts.push({ text: address, href });
    done = index + address.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}

/** A closing bracket stays where the address has the opening one. */
function withoutTrailing(address: string): string {
  const trimmed = address.replace(TRAILING, '');
  const rest = address.slice(trimmed.length);
  return rest.startsWith(')') && trimmed.includes('(') ? `${trimmed})` : trimmed;
}

function safeHref(address: string): string | undefined {
  try {
    const url = new URL(address);
    const safe = (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
    return safe ? url.href : undefined;
  } catch {
    return undefined;
  }
}
