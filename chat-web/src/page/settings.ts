declare const __CHAT_SETTINGS__: Settings;

/** What whoever serves the page knows and the page cannot: put in by vite, see `vite.config.ts`. */
export interface Settings {
  /** Where the server is; empty for the origin the page came from. */
  readonly server: string;
  /** Where the site around this page gives tokens to whoever is signed in there; empty for the server's development sign-in. */
  readonly tokens: string;
  /** Where people sign in at that site. */
  readonly signIn: string;
  /** Where to send traces to; empty for nowhere. */
  readonly traces: string;
  /** Where Aspire's dashboard is; empty when nobody knows. */
  readonly dashboard: string;
}

export const settings: Settings = __CHAT_SETTINGS__;
