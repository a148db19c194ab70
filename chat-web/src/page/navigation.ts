import { isRoomName, type ChatClient } from '@chat/client';
import { isDirectRoomOf, offsetIn, roomIn, viewIn } from './address';
import type { Address } from './environment';
import type { OwnState, PageState } from './pageState';
import { reach } from './seeking';

interface Traveller {
  readonly state: () => PageState;
  readonly client: () => ChatClient;
  /** @returns Why it was not possible, or undefined. */
  readonly enter: (room: string) => string | undefined;
  readonly set: (changes: Partial<OwnState>) => void;
}

/** Goes where the browser's address leads: into a room, to a message in it, to the picture of the system. */
export class Navigation {
  readonly #address: Address;
  readonly #traveller: Traveller;

  constructor(address: Address, traveller: Traveller) {
    this.#address = address;
    this.#traveller = traveller;
  }

  /** The person went back, or followed a link. */
  follow(): void {
    const address = this.#address.get();
    const { state, enter, set } = this.#traveller;
    const [name, offset] = [roomIn(address), offsetIn(address)];
    set({ view: viewIn(address) });
    const { user, active, rooms, notice } = state();
    if (user === undefined || name === undefined) return;
    if (name !== active) {
      if (!rooms.has(name) && !isRoomName(name) && !isDirectRoomOf(user, name)) return;
      set({ notice: enter(name) ?? notice });
    }
    if (offset !== undefined) void this.#seek(name, offset);
  }

  async #seek(name: string, offset: number): Promise<void> {
    const { state, client, set } = this.#traveller;
    const present = client();
    const room = await present.join(name).catch(() => undefined);
    const found = room !== undefined && await reach(room, offset);
    if (present !== client() || state().active !== name) return;
    if (found) set({ sought: { room: name, offset }, inspected: offset });
    else if (room) set({ notice: `Message ${offset} is not in this room, or no longer.` });
  }
}
