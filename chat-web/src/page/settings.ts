declare const __CHAT_SETTINGS__: Settings;

/** What whoever serves the page knows and the page cannot: put in by vite, see `vite.config.ts`. */
export interface Settings {
  /** Where to send traces to; empty for nowhere. */
  readonly traces: string;
  /** Where Aspire's dashboard is; empty when nobody knows. */
  readonly dashboard: string;
}

export const settings: Settings = __CHAT_SETTINGS__;
