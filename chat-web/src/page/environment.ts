import type { Environment } from '@chat/client';
import type { TopologyWorld } from './topology';
import type { Shelf } from './shelf';
import type { Site } from './site';
import type { KeyValueStorage } from './storage';

/** Everything the page takes from the browser, so that tests can bring their own. */
export interface PageEnvironment extends Environment, TopologyWorld {
  /** Where the server is. */
  readonly url: string;
  /** Milliseconds of the clock on the wall, which people set; only for what outlives this page. */
  readonly wallNow: () => number;
  /** @throws {ChatError} when the server refuses; any other error means that it could not be reached. */
  readonly login: (user: string) => Promise<string>;
  /** Who gives tokens; undefined where a name is enough. */
  readonly site: Site | undefined;
  readonly rooms: (token: string) => Promise<readonly string[]>;
  readonly storage: KeyValueStorage;
  /** What outlives the tab; undefined where there is no database. */
  readonly shelf: Shelf | undefined;
  /** Whether a person can see the page now. */
  readonly visible: () => boolean;
  readonly address: Address;
  /** So many random bytes, as hexadecimal digits. */
  readonly randomHex: (bytes: number) => string;
  /** Hands an OTLP request to a collector; undefined where there is none. */
  readonly postSpans: ((body: Uint8Array<ArrayBuffer>) => Promise<void>) | undefined;
  /** Where Aspire's dashboard is; empty when nobody knows. */
  readonly dashboard: string;
}

/** What stands behind the `#` in the browser's address. */
export interface Address {
  readonly get: () => string;
  /** A step that Back undoes. */
  readonly push: (fragment: string) => void;
  /** Calls back when the person went somewhere, by Back or by a link. */
  readonly onChange: (run: () => void) => void;
}
