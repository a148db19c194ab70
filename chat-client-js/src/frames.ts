/** The frames of wire protocol version 1, as this client holds them once parsed. `docs/protocol.md` is the reference. */

export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** One step of a message on its way. */
export interface Hop {
  readonly node: string;
  /** `received`, `stored` or `delivered`. */
  readonly step: string;
  /** ISO 8601, by the clock of that node. */
  readonly at: string;
}

/** What a person wrote, where the room's log holds it. */
export interface Message {
  readonly room: string;
  readonly position: Position;
  /** The sender's own id for it, unique per author. */
  readonly id: string;
  readonly author: string;
  readonly text: string;
  /** ISO 8601, for display only: the order is the position's. */
  readonly sentAt: string;
  /** The node at which it entered the system. */
  readonly node: string;
  /** Only in rooms joined with `trace`. */
  readonly hops?: readonly Hop[];
  /** W3C trace context of the message's storing; only in rooms joined with `trace`, and only where that trace is recorded. */
  readonly traceparent?: string;
  /** The log has an entry here that this client cannot read. It keeps its place, so that the ones after it stay in order. */
  readonly unreadable?: true;
}

export interface Limits {
  readonly frameBytesMax: number;
  readonly textBytesMax: number;
  readonly roomsMax: number;
}

export interface HelloFrame {
  readonly type: 'hello';
  readonly protocol: number;
  readonly node: string;
  readonly connection: string;
  readonly user: string;
  readonly pingSeconds: number;
  readonly limits: Limits;
}

export interface JoinedFrame {
  readonly type: 'joined';
  readonly room: string;
  readonly epoch: string;
  /** The top of the room's log. */
  readonly offset: number;
  /** False when the log no longer reaches back to the position asked for. */
  readonly recovered: boolean;
  /** All of them in `epoch`, whichever epoch they were written in: that is where their offsets count. */
  readonly messages: readonly Message[];
  /** Absent in big rooms, which send `memberCount`. */
  readonly members?: readonly string[];
  readonly memberCount?: number;
  readonly read: ReadonlyMap<string, number>;
}

export interface NackFrame {
  readonly type: 'nack';
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

export interface PresenceFrame {
  readonly type: 'presence';
  readonly room: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** In big rooms, instead of names; together with names these are all: the room has become small again. */
  readonly memberCount?: number;
}

export interface ErrorFrame {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  /** The room that the refused frame named, where it named one. */
  readonly room?: string;
}

export type ServerFrame =
  | HelloFrame
  | JoinedFrame
  | NackFrame
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'ack'; readonly id: string; readonly room: string; readonly position: Position }
  | PresenceFrame
  | { readonly type: 'typing'; readonly room: string; readonly user: string }
  | { readonly type: 'read'; readonly room: string; readonly user: string; readonly offset: number }
  | { readonly type: 'history'; readonly room: string; readonly messages: readonly Message[]; readonly more: boolean }
  | { readonly type: 'invite'; readonly room: string; readonly from: string }
  | { readonly type: 'status'; readonly degraded: boolean }
  | { readonly type: 'drain'; readonly reconnectWithinMs: number }
  | ErrorFrame
  | { readonly type: 'ping' };

export type ClientFrame =
  | { readonly type: 'join'; readonly room: string; readonly after?: Position; readonly trace?: boolean }
  | { readonly type: 'leave'; readonly room: string }
  | { readonly type: 'send'; readonly room: string; readonly id: string; readonly text: string; readonly traceparent?: string }
  | { readonly type: 'typing'; readonly room: string }
  | { readonly type: 'read'; readonly room: string; readonly offset: number }
  | { readonly type: 'history'; readonly room: string; readonly before: number; readonly limit: number }
  | { readonly type: 'refresh'; readonly token: string }
  | { readonly type: 'pong' }
  /** No node knows it, so every node answers `unknown_type`: a proof that the connection is alive. */
  | { readonly type: 'probe' };
