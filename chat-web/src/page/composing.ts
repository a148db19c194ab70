/** What a keyboard event says about itself. */
export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
  readonly keyCode: number;
}

/** What Safari reports for the Enter that ends a composition, when `isComposing` is false already. */
const BY_INPUT_METHOD = 229;

/** Whether a key sends the message. While an input method composes, Enter chooses a word. */
export function sendsOn({ key, shiftKey, isComposing, keyCode }: Key): boolean {
  return key === 'Enter' && !shiftKey && !isComposing && keyCode !== BY_INPUT_METHOD;
}

/** What is sent of what was typed: without empty lines around it, and with the indentation of its first line. */
export function outgoing(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
}
