import { ChatError } from '@chat/client';

/** @returns The words of a refusal, or undefined when there was none. */
export function attempt(what: () => unknown): string | undefined {
  try {
    what();
    return undefined;
  } catch (error) {
    if (error instanceof ChatError) return error.message;
    throw error;
  }
}
