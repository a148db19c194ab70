import { asObject, asString, field } from './json';

/** Who somebody is, and what proves it to the nodes. */
export interface Grant {
  readonly user: string;
  readonly token: string;
}

/** The site that this page is a part of: people sign in there, and it gives them tokens. */
export interface Site {
  /** Asked when the page comes up, and whenever another token is due. @returns Undefined while nobody is signed in there. */
  readonly grant: () => Promise<Grant | undefined>;
  /** Where people sign in; the site sends them back here. */
  readonly signInUrl: () => string;
}

/** A site that answers `POST tokens` with `{"user", "token"}`, or with 401. The browser sends the site's own cookies along. */
export function siteAt(tokens: string, signIn: string): Site {
  return {
    grant: async () => {
      const answer = await fetch(tokens, { method: 'POST', credentials: 'include', cache: 'no-store' });
      if (answer.status === 401 || answer.status === 403) return undefined;
      if (!answer.ok) throw new Error(`The site answered ${answer.status}.`);
      const object = asObject(await answer.json());
      return { user: field(object, 'user', asString), token: field(object, 'token', asString) };
    },
    signInUrl: () => {
      const url = new URL(signIn, location.href);
      url.searchParams.set('return_to', location.href);
      return url.href;
    },
  };
}
